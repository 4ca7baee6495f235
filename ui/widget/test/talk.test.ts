import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Talk, type Turn } from "../src/talk.ts";
import { answer, client, done, refuse, sentence, serve, storage, stream, token } from "./server.ts";

beforeEach(storage);

const told = (turns: readonly Turn[]) => turns.map((turn) => [turn.asked.question, turn.phase]);

/** Resolves when `talk` has reached what `reached` looks for. */
function when(talk: Talk, reached: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const quiet = talk.listen(() => {
      if (!reached()) return;
      quiet();
      resolve();
    });
  });
}

test("a conversation follows the learner to the next page", async (t) => {
  const { url, seen } = await serve(t, (response, { path }) => {
    if (path.endsWith("/chat")) return void stream(response, sentence, done()).end();
    response.end(JSON.stringify({ id: "c", turns: [{ answer: answer("Why?") }] }));
  });
  const ada = token("ada");
  const first = new Talk(client(url, () => ada));
  assert.equal((await first.ask("Why?"))?.answer, "Yes.");
  const next = new Talk(client(url, () => ada));
  await next.restore();
  assert.equal(next.conversation, first.conversation);
  assert.equal(seen[1]?.path, `/api/v1/conversations/${first.conversation}`);
  assert.deepEqual(told(next.turns), [["Why?", "done"]]);
});

test("another learner in the same browser finds nothing of the one before", async (t) => {
  const { url, seen } = await serve(t, (response) => stream(response, done()).end());
  let who = token("ada");
  const talk = new Talk(client(url, () => who));
  await talk.ask("Why?");
  const adas = talk.conversation;
  who = token("bob");
  talk.use(client(url, () => who));
  await talk.restore();
  assert.deepEqual(talk.turns, []);
  assert.notEqual(talk.conversation, adas);
  assert.equal(seen.length, 1);
});

for (const kept of [true, false]) {
  const how = kept ? "after all it was answered" : "it was the first of its conversation";
  test(`a question that a page change cut is asked again and shown once: ${how}`, async (t) => {
    const { url, seen } = await serve(t, (response, { path }, nth) => {
      if (nth === 1) return void stream(response, sentence); // and the learner leaves the page
      if (path.endsWith("/chat")) return void stream(response, done()).end();
      if (!kept) return refuse(response, 404);
      response.end(JSON.stringify({ id: "c", turns: [{ answer: answer("Why?") }] }));
    });
    const leaving = new Talk(client(url));
    void leaving.ask("Why?", { context: "stage-4/drift", only: "course", prefer: null });
    await when(leaving, () => leaving.current?.phase === "writing");
    const next = new Talk(client(url));
    await next.restore();
    await when(next, () => next.current === null);
    assert.deepEqual(told(next.turns), [["Why?", "done"]]);
    const [first, second, ...more] = seen.filter(({ path }) => path.endsWith("/chat"));
    assert.deepEqual(more, []);
    assert.equal(first?.key, second?.key);
    assert.equal(first?.body, second?.body);
  });
}

test("a stopped answer keeps what was said, and a second try takes its place", async (t) => {
  const { url, seen } = await serve(t, (response, _, nth) => {
    const open = stream(response, sentence);
    if (nth > 1) finish(open);
  });
  const talk = new Talk(client(url));
  const stopped = talk.ask("Why?");
  await when(talk, () => talk.current?.phase === "writing");
  talk.stop();
  assert.equal(await stopped, null);
  assert.equal(talk.turns[0]?.phase, "stopped");
  assert.equal(talk.turns[0]?.sentences.length, 1);
  await talk.retry(talk.turns[0]!);
  assert.deepEqual(told(talk.turns), [["Why?", "done"]]);
  assert.notEqual(seen[0]?.key, seen[1]?.key);
});

function finish(response: Parameters<typeof stream>[0]): void {
  response.end(`event: done\ndata: ${JSON.stringify(done())}\n\n`);
}

test("a new question stops the one under way", async (t) => {
  const { url } = await serve(t, (response, _, nth) => {
    if (nth === 1) stream(response, sentence);
    else stream(response, done("And how?")).end();
  });
  const talk = new Talk(client(url));
  void talk.ask("Why?");
  await when(talk, () => talk.current?.phase === "writing");
  await talk.ask("And how?");
  assert.deepEqual(told(talk.turns), [["Why?", "stopped"], ["And how?", "done"]]);
});

test("a conversation that is gone is begun anew, and one that cannot be read now is kept", async (t) => {
  let status = 503;
  const { url } = await serve(t, (response, { path }) =>
    path.endsWith("/chat") ? void stream(response, done()).end() : refuse(response, status),
  );
  const first = new Talk(client(url));
  await first.ask("Why?");
  const later = new Talk(client(url));
  await later.restore();
  assert.equal(later.conversation, first.conversation);
  status = 404;
  const anew = new Talk(client(url));
  await anew.restore();
  assert.notEqual(anew.conversation, first.conversation);
});

test("without storage the widget still answers", async (t) => {
  const forbidden = { get: () => { throw new Error("forbidden"); }, configurable: true };
  for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(globalThis, name, forbidden);
  const { url } = await serve(t, (response) => stream(response, done()).end());
  assert.equal((await new Talk(client(url)).ask("Why?"))?.answer, "Yes.");
});
