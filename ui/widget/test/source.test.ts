import assert from "node:assert/strict";
import { test } from "node:test";
import { parts } from "../src/source.ts";

test("the quote is found behind signs that JavaScript counts as two", () => {
  const passage_text = "🚀 Models 📉 drift. Watch them.";
  const found = parts({ passage_text, start: 11, end: 17 });
  assert.deepEqual(found, ["🚀 Models 📉 ", "drift.", " Watch them."]);
});
