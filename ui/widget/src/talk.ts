/** A conversation as it stands: its turns, and what is under way. It knows nothing of the page. */

import { type Client, type Heard, newKey, type Question, type Scope } from "./client.ts";
import { ProblemError, problemOf } from "./problem.ts";
import type { Answer, Citation, Problem, Proposal, Refusal, Sentence } from "./records.ts";
import { Shelf } from "./shelf.ts";

export type Phase =
  "searching" | "reading" | "waiting" | "again" | "writing" | "done" | "stopped" | "failed";

export interface Turn {
  readonly asked: Question;
  phase: Phase;
  /** Learners ahead, while waiting. */
  ahead: number;
  /** As the server counts the turns of a conversation. */
  number: number | null;
  sentences: readonly Sentence[];
  citations: readonly Citation[];
  refusal: Refusal | null;
  proposals: readonly Proposal[];
  problem: Problem | null;
  answer: Answer | null;
}

export const underWay = ({ phase }: Turn): boolean =>
  phase !== "done" && phase !== "stopped" && phase !== "failed";

/** No page has narrowed what an answer may draw on. */
export const ANYTHING: Scope = { context: null, only: null, prefer: null };

/** What a listener hears: that the list of turns is another, or that one turn has grown. */
export type Change = { readonly all: true } | { readonly turn: Turn };

export class Talk {
  turns: readonly Turn[] = [];
  restoring = false;
  readonly #listeners = new Set<(change: Change) => void>();
  #client: Client;
  #learner: string | null = null;
  #shelf = new Shelf("");
  #conversation = "";
  #running: AbortController | null = null;
  #restored: Promise<void> = Promise.resolve();

  constructor(client: Client) {
    this.#client = client;
  }

  /** The element was made anew, as single-page sites do, and speaks through `client` now. */
  use(client: Client): void {
    this.#client = client;
  }

  /** Whose talk it is: empty where no token names anybody, null before it was looked at. */
  get learner(): string | null {
    return this.#learner;
  }

  get conversation(): string {
    return this.#conversation;
  }

  get shelf(): Shelf {
    return this.#shelf;
  }

  get current(): Turn | null {
    const last = this.turns.at(-1);
    return last && underWay(last) ? last : null;
  }

  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Brings back what this learner has kept, once, and goes on with a question that a page change
   * cut. Another learner in the same browser finds nothing of the one before.
   */
  async restore(): Promise<void> {
    const learner = await this.#client.learner().catch(() => this.#learner ?? "");
    if (learner !== this.#learner) {
      this.#learner = learner;
      this.stop();
      this.#shelf = new Shelf(`mentor-chat:${this.#client.server}:${learner}`);
      this.#begin(this.#shelf.conversation ?? newKey());
      this.#restored = this.#restore();
    }
    return this.#restored;
  }

  /** Another tab has gone on with the conversation, or begun a new one. */
  async refresh(): Promise<void> {
    if (this.current) return;
    this.#begin(this.#shelf.conversation ?? newKey());
    this.#restored = this.#restore();
    return this.#restored;
  }

  /** Asks, and resolves when the answer is there, or null when it was stopped or failed. */
  async ask(question: string, scope = ANYTHING): Promise<Answer | null> {
    await this.restore();
    if (this.current) this.stop();
    return this.#run({ key: newKey(), question, conversation: this.#conversation, ...scope });
  }

  /** Asks again under the same key: what was kept of it after all comes back, and is not said twice. */
  retry(turn: Turn): Promise<Answer | null> {
    if (this.current) this.stop();
    this.#drop(turn);
    return this.#run(turn.asked);
  }

  stop(): void {
    this.#running?.abort();
  }

  /** Begins a new conversation; the old one stays with the mentor. */
  clear(): void {
    this.stop();
    this.#shelf.conversation = null;
    this.#restored = Promise.resolve();
    this.#begin(newKey());
  }

  accept(turn: Turn, proposal: Proposal, key: string): Promise<{ said: string }> {
    return this.#client.accept(this.#conversation, turn.number ?? 0, proposal.id, key);
  }

  /** Nothing of what was there before is shown any more, also where it is still being read. */
  #begin(conversation: string): void {
    this.#conversation = conversation;
    this.turns = [];
    this.restoring = false;
    this.#say({ all: true });
  }

  async #restore(): Promise<void> {
    const { conversation, pending } = this.#shelf;
    if (conversation) {
      const begun = this.turns;
      let turns: readonly Turn[] = [];
      let gone = false;
      this.restoring = true;
      this.#say({ all: true });
      try {
        const found = await this.#client.conversation(conversation);
        turns = found.turns.map(({ answer }, at) => kept(answer, conversation, at + 1));
      } catch (error) {
        gone = error instanceof ProblemError && error.problem.status === 404;
      }
      if (this.turns !== begun) return this.#restored; // what has begun since is newer
      // A conversation that cannot be read now is kept, and so is one whose first answer was cut.
      // One that is gone is begun anew, but stays on the shelf: it may be another tab's, whose
      // first answer is still being written.
      if (gone && pending?.conversation !== conversation) this.#conversation = newKey();
      this.turns = turns;
      this.restoring = false;
      this.#say({ all: true });
    }
    if (pending?.conversation === this.#conversation) void this.#run(pending);
  }

  async #run(asked: Question): Promise<Answer | null> {
    const turn = fresh(asked);
    const running = (this.#running = new AbortController());
    this.turns = [...this.turns, turn];
    this.#shelf.pending = asked;
    this.#shelf.conversation = asked.conversation;
    this.#say({ all: true });
    try {
      for await (const event of this.#client.chat(asked, running.signal)) {
        if (event.type === "begun") this.#begun(turn, event.turn);
        else hear(turn, event);
        this.#say({ turn });
      }
    } catch (error) {
      turn.phase = running.signal.aborted ? "stopped" : "failed";
      turn.number = null; // whether it was kept, a second try finds out
      turn.problem = running.signal.aborted ? null : problemOf(error);
    }
    if (this.#running === running) this.#running = null;
    if (this.#shelf.pending?.key === asked.key) this.#shelf.pending = null;
    // another tab hears of it and shows the answer
    if (this.#conversation === asked.conversation) this.#shelf.conversation = asked.conversation;
    this.#say({ turn });
    return turn.answer;
  }

  /** A question that was asked again after a page change may be there already. */
  #begun(turn: Turn, number: number | null): void {
    turn.number = number;
    const twin = this.turns.find((other) => other !== turn && number && other.number === number);
    if (twin) this.#drop(twin);
  }

  #drop(turn: Turn): void {
    this.turns = this.turns.filter((other) => other !== turn);
    this.#say({ all: true });
  }

  #say(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function fresh(asked: Question): Turn {
  return {
    asked,
    phase: "searching",
    ahead: 0,
    number: null,
    sentences: [],
    citations: [],
    refusal: null,
    proposals: [],
    problem: null,
    answer: null,
  };
}

function kept(answer: Answer, conversation: string, number: number): Turn {
  const turn = fresh({ key: "", question: answer.question, conversation, ...ANYTHING });
  turn.number = number;
  hear(turn, { type: "done", answer });
  turn.proposals = []; // what was offered then has been said yes to, or not
  return turn;
}

/** What an event does to a turn. */
function hear(turn: Turn, event: Exclude<Heard, { type: "begun" }>): void {
  switch (event.type) {
    case "again":
      Object.assign(turn, { ...fresh(turn.asked), number: turn.number, phase: "again" });
      break;
    case "searching":
      turn.phase = "searching";
      break;
    case "sources":
      turn.phase = "reading";
      break;
    case "waiting":
      turn.phase = "waiting";
      turn.ahead = event.position;
      break;
    case "sentence":
      turn.phase = "writing";
      turn.sentences = [...turn.sentences, event.sentence];
      turn.citations = [...turn.citations, ...event.citations];
      break;
    case "refusal":
      turn.phase = "writing";
      turn.refusal = event;
      break;
    case "proposals":
      turn.proposals = event.proposals;
      break;
    case "done":
      finish(turn, event.answer);
  }
}

/** A replayed answer brings everything at once, so all of it is taken from `answer`. */
function finish(turn: Turn, answer: Answer): void {
  turn.phase = "done";
  turn.answer = answer;
  turn.sentences = answer.refused ? [] : answer.sentences;
  turn.citations = answer.citations;
  turn.proposals = answer.proposals ?? [];
  if (answer.refused) {
    const text = answer.answer;
    turn.refusal ??= { reason: answer.reason ?? "", text, topics: [] };
  }
}
