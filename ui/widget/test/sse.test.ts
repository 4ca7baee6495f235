import assert from "node:assert/strict";
import { test } from "node:test";
import { eventsIn, type ServerEvent } from "../src/sse.ts";

function body(chunks: readonly Uint8Array[], end = true): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      if (end) controller.close();
    },
  });
}

async function all(events: AsyncGenerator<ServerEvent>): Promise<ServerEvent[]> {
  const found: ServerEvent[] = [];
  for await (const event of events) found.push(event);
  return found;
}

const STREAM = ': ping\n\nevent: sentence\ndata: {"text": "naïve – ünïcode, \u2028 too"}\n\nevent: done\ndata: 1\ndata: 2\n\n';
const EVENTS = [
  { name: "sentence", data: '{"text": "naïve – ünïcode, \u2028 too"}' },
  { name: "done", data: "1\n2" },
];

test("events are the same however the network cuts the bytes, and heartbeats are none", async () => {
  const bytes = new TextEncoder().encode(STREAM);
  for (let size = 1; size <= bytes.length; size++) {
    const chunks = [];
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
    assert.deepEqual(await all(eventsIn(body(chunks))), EVENTS);
  }
});

test("lines may end as Windows ends them", async () => {
  const bytes = new TextEncoder().encode(STREAM.replaceAll("\n", "\r\n"));
  assert.deepEqual(await all(eventsIn(body([bytes]))), EVENTS);
});

test("an event without its empty line was cut, and is not taken for whole", async () => {
  const bytes = new TextEncoder().encode("event: done\ndata: {\n");
  assert.deepEqual(await all(eventsIn(body([bytes]))), []);
});

test("a line that falls silent is given up", async () => {
  const bytes = new TextEncoder().encode("event: searching\ndata: {}\n\n");
  await assert.rejects(all(eventsIn(body([bytes], false), 20)), TypeError);
});
