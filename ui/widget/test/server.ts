/** A real HTTP server on loopback, told by each test what to answer, and storage that forgets. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { Client } from "../src/client.ts";
import { Tokens } from "../src/tokens.ts";

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly key: string | undefined;
  readonly token: string | undefined;
  readonly body: string;
}

type Reply = (response: ServerResponse, seen: Seen, nth: number) => void;

export async function serve(t: TestContext, reply: Reply): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const one = {
      method: request.method ?? "",
      path: request.url ?? "",
      key: request.headers["idempotency-key"] as string | undefined,
      token: request.headers.authorization,
      body,
    };
    seen.push(one);
    reply(response, one, seen.length);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, seen };
}

export function stream(response: ServerResponse, ...events: readonly object[]): ServerResponse {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Mentor-Turn": "1" });
  for (const event of events) {
    const { type } = event as { type: string };
    response.write(`event: ${type}\ndata: ${JSON.stringify(event)}\n\n`);
  }
  return response;
}

export function refuse(response: ServerResponse, status: number, more: object = {}): void {
  response.writeHead(status, { "Content-Type": "application/problem+json" });
  response.end(JSON.stringify({ type: "urn:mentor:problem:x", title: "No.", status, ...more }));
}

export function client(url: string, getToken?: () => string): Client {
  const page = { token: null, tokenUrl: null, getToken: getToken ?? null };
  return new Client(url, new Tokens(page), [1, 1]);
}

export const answer = (question: string) => ({
  question,
  answer: "Yes.",
  refused: false,
  reason: null,
  sentences: [{ text: "Yes.", citations: [] }],
  citations: [],
});
export const sentence = { type: "sentence", sentence: { text: "Yes.", citations: [] }, citations: [] };
export const done = (question = "Why?") => ({ type: "done", answer: answer(question) });

/** A token as a portal would make it; nobody here checks its signature. */
export function token(sub: string, seconds = 600): string {
  const payload = JSON.stringify({ sub, exp: Date.now() / 1000 + seconds });
  return `e30.${Buffer.from(payload).toString("base64url")}.x`;
}

/** Fresh browser storage. */
export function storage(): void {
  fresh("localStorage");
  otherTab();
}

/** From here on it is another tab of the same browser. */
export function otherTab(): void {
  fresh("sessionStorage");
}

function fresh(name: string): void {
  const kept = new Map<string, string>();
  const value = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => kept.set(key, text),
    removeItem: (key: string) => kept.delete(key),
  };
  Object.defineProperty(globalThis, name, { value, configurable: true });
}
