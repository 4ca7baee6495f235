import assert from "node:assert/strict";
import { test } from "node:test";
import type { Heard } from "../src/client.ts";
import { ProblemError } from "../src/problem.ts";
import { client, done, refuse, sentence, serve, stream, token } from "./server.ts";

const QUESTION = {
  ...{ key: "k1", question: "Why?", conversation: "c1" },
  ...{ context: "stage-4/drift", only: null, prefer: "course" },
};

async function hear(
  events: AsyncGenerator<Heard>,
  each: (event: Heard) => void = () => undefined,
): Promise<string[]> {
  const types: string[] = [];
  for await (const event of events) {
    types.push(event.type);
    each(event);
  }
  return types;
}

test("a question goes out with its key, its context and the token, and comes back as events", async (t) => {
  const { url, seen } = await serve(t, (response) => stream(response, sentence, done()).end());
  const ada = token("ada");
  const heard = await hear(client(url, () => ada).chat(QUESTION, new AbortController().signal));
  assert.deepEqual(heard, ["begun", "sentence", "done"]);
  assert.equal(seen[0]?.path, "/api/v1/chat");
  assert.equal(seen[0]?.token, `Bearer ${ada}`);
  assert.equal(seen[0]?.key, "k1");
  const { key: _, ...body } = QUESTION;
  assert.deepEqual(JSON.parse(seen[0]?.body ?? ""), body);
});

test("a line that breaks is taken up again with the same key and the same body", async (t) => {
  const { url, seen } = await serve(t, (response, _, nth) =>
    nth === 1 ? stream(response, sentence).destroy() : stream(response, sentence, done()).end(),
  );
  const heard = await hear(client(url).chat(QUESTION, new AbortController().signal));
  assert.deepEqual(heard.slice(-4), ["again", "begun", "sentence", "done"]);
  assert.equal(seen[0]?.key, seen[1]?.key);
  assert.equal(seen[0]?.body, seen[1]?.body);
});

test("an answer that ends without `done` was cut, and is asked again until patience ends", async (t) => {
  const { url, seen } = await serve(t, (response) => stream(response, sentence).end());
  await assert.rejects(hear(client(url).chat(QUESTION, new AbortController().signal)), TypeError);
  assert.equal(seen.length, 3);
});

test("an expired token is renewed once, and the learner notices nothing", async (t) => {
  const { url, seen } = await serve(t, (response, { token: sent }) =>
    sent?.endsWith("2") ? stream(response, done()).end() : refuse(response, 401),
  );
  let minted = 0;
  const renewing = client(url, () => `t${++minted}`);
  assert.deepEqual(await hear(renewing.chat(QUESTION, new AbortController().signal)), ["begun", "done"]);
  assert.deepEqual(seen.map((each) => each.token), ["Bearer t1", "Bearer t2"]);
});

test("a token that cannot be renewed ends in a problem, and is not tried for ever", async (t) => {
  const { url, seen } = await serve(t, (response) => refuse(response, 401));
  await assert.rejects(
    hear(client(url, () => "t").chat(QUESTION, new AbortController().signal)),
    (error) => error instanceof ProblemError && error.problem.status === 401,
  );
  assert.equal(seen.length, 2);
});

test("a mentor that is busy for a moment is asked again; a long wait is told", async (t) => {
  const { url, seen } = await serve(t, (response, _, nth) =>
    nth === 1 ? refuse(response, 429, { retry_after: 0.01 }) : stream(response, done()).end(),
  );
  assert.deepEqual(await hear(client(url).chat(QUESTION, new AbortController().signal)), [
    "again",
    "begun",
    "done",
  ]);
  assert.equal(seen.length, 2);
  const full = await serve(t, (response) => refuse(response, 429, { retry_after: 60 }));
  await assert.rejects(hear(client(full.url).chat(QUESTION, new AbortController().signal)), ProblemError);
  assert.equal(full.seen.length, 1);
});

test("a yes names its proposal also where the proposal's id has a slash", async (t) => {
  const { url, seen } = await serve(t, (response) => response.end('{"said": "Noted."}'));
  await client(url).accept("c1", 2, "done-lessons/drift", "k1");
  assert.equal(seen[0]?.path, "/api/v1/conversations/c1/turns/2/proposals/done-lessons%2Fdrift/accept");
});

test("a stop ends the request, also while it waits for the next try", async (t) => {
  const { url } = await serve(t, (response) => stream(response, sentence));
  const stopped = new AbortController();
  const chat = client(url).chat(QUESTION, stopped.signal);
  await assert.rejects(
    hear(chat, ({ type }) => type === "sentence" && stopped.abort()),
    { name: "AbortError" },
  );
});

test("an error event is a problem with its cure", async (t) => {
  const error = { type: "error", title: "The model broke off.", cure: "Ask again.", status: 503 };
  const { url } = await serve(t, (response) => stream(response, sentence, error).end());
  await assert.rejects(
    hear(client(url).chat(QUESTION, new AbortController().signal)),
    (thrown) => thrown instanceof ProblemError && thrown.problem.cure === "Ask again.",
  );
});
