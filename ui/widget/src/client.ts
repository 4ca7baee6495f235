/** The mentor's API: requests with a token, and chat that survives a broken line. */

import { ProblemError } from "./problem.ts";
import type { ChatEvent, KeptConversation, Problem } from "./records.ts";
import { eventsIn } from "./sse.ts";
import { claims, type Tokens } from "./tokens.ts";

/** What an answer may draw on, as the page has set it: the API's `context`, `only`, `prefer`. */
export type Scope = Pick<Question, "context" | "only" | "prefer">;

/** A question as it is sent; a repetition has the same key and the same body. */
export interface Question {
  readonly key: string;
  readonly question: string;
  readonly conversation: string;
  readonly context: string | null;
  readonly only: string | null;
  readonly prefer: string | null;
}

export type Heard =
  | ChatEvent
  /** The server has taken the question, as this turn of the conversation. */
  | { readonly type: "begun"; readonly turn: number | null }
  /** The line broke, and the question is asked again: what was said so far comes again. */
  | { readonly type: "again" };

/** Milliseconds to wait before each repetition. */
const WAITS: readonly number[] = [500, 1_000, 2_000, 4_000, 8_000];
const LONGEST_WAIT_S = 15;

export class Client {
  constructor(
    readonly server: string,
    readonly tokens: Tokens,
    private readonly waits: readonly number[] = WAITS,
  ) {}

  /**
   * The events of an answer, ending in `done`.
   *
   * @throws ProblemError for what the server refuses; TypeError when it cannot be reached;
   *   AbortError when `signal` fires.
   */
  async *chat(asked: Question, signal: AbortSignal): AsyncGenerator<Heard> {
    const { key, ...body } = asked;
    for (let attempt = 0; ; attempt++) {
      let wait = this.waits[attempt];
      try {
        const response = await this.#send("chat", { body, key, signal });
        yield { type: "begun", turn: Number(response.headers.get("Mentor-Turn")) || null };
        for await (const { name, data } of eventsIn(response.body ?? new ReadableStream())) {
          const event = JSON.parse(data) as ChatEvent & Problem;
          if (name === "error") throw new ProblemError(event);
          yield event;
          if (event.type === "done") return;
        }
        throwIf(wait === undefined, new TypeError("The stream was cut."));
      } catch (error) {
        if (signal.aborted || wait === undefined || !passing(error)) throw error;
        if (error instanceof ProblemError) wait = 1000 * (error.problem.retry_after ?? wait / 1000);
      }
      await pause(wait ?? 0, signal);
      yield { type: "again" };
    }
  }

  /** Whom the token names; empty where there are no tokens. */
  async learner(): Promise<string> {
    return claims(await this.tokens.current()).sub ?? "";
  }

  conversation(id: string): Promise<KeptConversation> {
    return this.#json(`conversations/${id}`);
  }

  async suggestions(): Promise<readonly string[]> {
    return (await this.#json<{ suggestions: string[] }>("suggestions")).suggestions;
  }

  /** Says yes to a proposal; what is repeated under the same `key` is done once. */
  accept(conversation: string, turn: number, proposal: string, key: string): Promise<{ said: string }> {
    const id = encodeURIComponent(proposal);
    const path = `conversations/${conversation}/turns/${turn}/proposals/${id}/accept`;
    return this.#json(path, { body: {}, key });
  }

  /** Sends a letter; the same one under the same `key` goes once. */
  letter(subject: string, body: string, key: string): Promise<{ address?: string | null }> {
    return this.#json("letter", { body: { subject, body }, key });
  }

  launch(): Promise<{ url: string }> {
    return this.#json("launch", { body: {} });
  }

  async #json<T>(path: string, sent: Sent = {}): Promise<T> {
    return (await (await this.#send(path, sent)).json()) as T;
  }

  /** One request; an expired token is renewed and the request made once more. */
  async #send(path: string, sent: Sent): Promise<Response> {
    const response = await this.#fetch(path, sent, await this.tokens.current());
    if (response.ok) return response;
    if (response.status !== 401 || !this.tokens.renewable) throw await problemIn(response);
    const again = await this.#fetch(path, sent, await this.tokens.renew());
    if (again.ok) return again;
    throw await problemIn(again);
  }

  #fetch(path: string, { body, key, signal }: Sent, token: string | null): Promise<Response> {
    const headers: Record<string, string> = {};
    if (token) headers["Authorization"] = `Bearer ${token}`;
    if (body) headers["Content-Type"] = "application/json";
    if (key) headers["Idempotency-Key"] = key;
    return fetch(new URL(`api/v1/${path}`, this.server), {
      method: body ? "POST" : "GET",
      headers,
      body: body ? JSON.stringify(body) : null,
      credentials: "same-origin",
      signal: signal ?? null,
    });
  }
}

interface Sent {
  readonly body?: object;
  readonly key?: string;
  readonly signal?: AbortSignal;
}

export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/** Whether asking again may help: a broken line, a server that restarts or is briefly full. */
function passing(error: unknown): boolean {
  if (!(error instanceof ProblemError)) return error instanceof TypeError;
  const { status, retry_after } = error.problem;
  if (status === 429) return (retry_after ?? Infinity) <= LONGEST_WAIT_S;
  return status === 409 || status === 502 || status === 504;
}

async function problemIn(response: Response): Promise<ProblemError> {
  const title = `The mentor answered with ${response.status}.`;
  const problem = { type: "about:blank", title, status: response.status };
  try {
    return new ProblemError({ ...problem, ...((await response.json()) as object) });
  } catch {
    return new ProblemError(problem);
  }
}

function throwIf(condition: boolean, error: Error): void {
  if (condition) throw error;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(new DOMException("Stopped.", "AbortError"));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", stop, { once: true });
  });
}
