import assert from "node:assert/strict";
import { test } from "node:test";
import { lessonLink, safe } from "../src/links.ts";

globalThis.document = { baseURI: "https://portal.example/lessons/one" } as Document;

const CITATION = {
  n: 1,
  passage: "lessons/model monitoring#data-drift~2",
  heading: "Model monitoring › Data drift",
  path: "corpus/lessons/drift.md",
  url: null,
  source: "editorial",
  quote: "",
  start: 0,
  end: 0,
  passage_text: "",
} as const;

test("a template becomes the address of the lesson", () => {
  const link = (template: string | null) => lessonLink(CITATION, template);
  assert.equal(
    link("/learn/{page}#{anchor}"),
    "https://portal.example/learn/lessons/model%20monitoring#data-drift",
  );
  assert.equal(link("https://x.example/{slug}?at={anchor}"), "https://x.example/model%20monitoring?at=data-drift");
  assert.equal(link("/raw/{file}"), "https://portal.example/raw/corpus/lessons/drift.md");
  const opening = { ...CITATION, passage: "lessons/drift~0" };
  assert.equal(lessonLink(opening, "/learn/{page}#{anchor}"), "https://portal.example/learn/lessons/drift");
});

test("without a template the citation's own address is used, if it has one", () => {
  assert.equal(lessonLink(CITATION, null), null);
  const url = "https://elsewhere.example/drift";
  assert.equal(lessonLink({ ...CITATION, url }, null), url);
});

test("a template that names something unknown, and an address that would run, are no links", () => {
  assert.equal(lessonLink(CITATION, "/learn/{chapter}"), null);
  assert.equal(lessonLink(CITATION, "javascript:alert(1)//{slug}"), null);
  assert.equal(safe("data:text/html,x"), null);
  assert.equal(safe("https://"), null);
});
