import assert from "node:assert/strict";
import { beforeEach, test, type TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { Talk, type Turn } from "../src/talk.ts";
import { answer, client, done, otherTab, refuse, sentence, serve, storage, stream, token } from "./server.ts";

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

/** A conversation that is kept and, for each one who reads it, what lets the reading end. */
async function read(t: TestContext) {
  const readings: (() => void)[] = [];
  const { url, seen } = await serve(t, (response, { path }) => {
    if (path.endsWith("/chat")) return void stream(response, done()).end();
    const body = JSON.stringify({ id: "c", turns: [{ answer: answer("Why?") }] });
    readings.push(() => response.end(body));
  });
  const reading = async (): Promise<() => void> => {
    while (!readings.length) await setTimeout(5);
    return readings.shift()!;
  };
  return { url, seen, reading };
}

test("a learner who comes while another's conversation is read sees nothing of it", async (t) => {
  const { url, reading } = await read(t);
  let who = token("ada");
  await new Talk(client(url, () => who)).ask("Why?");
  const talk = new Talk(client(url, () => who));
  const adas = talk.restore();
  const end = await reading();
  who = token("bob");
  talk.use(client(url, () => who));
  let shown = 0;
  talk.listen((change) => (shown += Number("all" in change)));
  await talk.restore();
  assert.equal(talk.restoring, false);
  assert.equal(shown, 1);
  end();
  await adas;
  assert.equal(talk.learner, "bob");
  assert.deepEqual(talk.turns, []);
});

test("a new conversation stays empty when the old one comes late", async (t) => {
  const { url, reading } = await read(t);
  await new Talk(client(url)).ask("Why?");
  const talk = new Talk(client(url));
  const old = talk.restore();
  const end = await reading();
  talk.clear();
  assert.equal(talk.restoring, false);
  const { conversation } = talk;
  end();
  await old;
  assert.deepEqual(talk.turns, []);
  assert.equal(talk.conversation, conversation);
});

test("a question that is asked while another tab's is brought in stands below it", async (t) => {
  const { url, reading } = await read(t);
  const talk = new Talk(client(url));
  await talk.ask("Why?");
  const brought = talk.refresh();
  const asked = talk.ask("And how?");
  (await reading())();
  await Promise.all([brought, asked]);
  assert.equal(talk.turns.at(-1)?.asked.question, "And how?");
});

test("a tab that hears of a conversation before its first answer leaves it to the other", async (t) => {
  const { url, seen } = await serve(t, (response, { path }) => {
    if (path.endsWith("/chat")) stream(response, sentence);
    else refuse(response, 404);
  });
  const there = new Talk(client(url));
  void there.ask("Why?");
  await when(there, () => there.current?.phase === "writing");
  otherTab();
  const here = new Talk(client(url));
  await here.restore();
  await here.refresh();
  assert.deepEqual(here.turns, []);
  assert.equal(here.shelf.conversation, there.conversation);
  assert.equal(seen.at(-1)?.path, `/api/v1/conversations/${there.conversation}`);
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
  assert.equal(seen[0]?.key, seen[1]?.key, "what was kept after all is not said twice");
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

test("a second try stops the question under way, which stays where it was asked", async (t) => {
  const { url } = await serve(t, (response, _, nth) => {
    if (nth < 3) stream(response, sentence);
    else stream(response, done()).end();
  });
  const talk = new Talk(client(url));
  void talk.ask("Why?");
  await when(talk, () => talk.current?.phase === "writing");
  talk.stop();
  await when(talk, () => talk.current === null);
  void talk.ask("And how?");
  await when(talk, () => talk.current?.phase === "writing");
  await talk.retry(talk.turns[0]!);
  assert.deepEqual(told(talk.turns), [["And how?", "stopped"], ["Why?", "done"]]);
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
