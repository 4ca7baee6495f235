/** One question and its answer on the page. It grows as the answer does. */

import { button, h } from "./dom.ts";
import { offer } from "./offer.ts";
import { block, words } from "./prose.ts";
import type { Citation, Problem, Proposal, Sentence } from "./records.ts";
import { fill, type Strings } from "./strings.ts";
import { type Turn, underWay } from "./talk.ts";

export interface TurnWishes {
  readonly strings: () => Strings;
  readonly link: (citation: Citation) => string | null;
  readonly cited: (citation: Citation, mark: HTMLElement) => void;
  readonly follow: (citation: Citation, url: string, event: MouseEvent) => void;
  readonly ask: (question: string) => void;
  readonly retry: (turn: Turn) => void;
  readonly accept: (turn: Turn, proposal: Proposal, key: string) => Promise<string>;
  readonly send: (subject: string, body: string, key: string) => Promise<string | null>;
}

export class TurnView {
  readonly element: HTMLElement;
  readonly #wishes: TurnWishes;
  readonly #turn: Turn;
  readonly #answer = h("div", { class: "answer" });
  readonly #state = h("p", { class: "state" });
  readonly #after = h("div");
  /** Section -> its number and a citation of it. Sentences of one section share a number. */
  readonly #places = new Map<string, { n: number; citation: Citation }>();
  #said = 0;
  #lastSection = "";

  constructor(turn: Turn, wishes: TurnWishes) {
    this.#turn = turn;
    this.#wishes = wishes;
    const { asked, answered } = wishes.strings();
    this.element = h(
      "article",
      { class: "turn" },
      h("p", { class: "question" }, h("span", { class: "hidden" }, `${asked} `), turn.asked.question),
      h("span", { class: "hidden" }, answered),
      this.#answer,
      this.#state,
      this.#after,
    );
    this.update();
  }

  update(): void {
    const { sentences } = this.#turn;
    if (sentences.length < this.#said) this.#begin();
    for (const sentence of sentences.slice(this.#said)) this.#say(sentence);
    this.#said = sentences.length;
    const state = this.#stateText();
    if (this.#state.textContent !== state) this.#state.textContent = state;
    this.#state.classList.toggle("busy", underWay(this.#turn));
    if (!underWay(this.#turn)) this.#finish();
  }

  #begin(): void {
    this.#answer.replaceChildren();
    this.#places.clear();
    this.#said = 0;
    this.#lastSection = "";
  }

  #stateText(): string {
    const strings = this.#wishes.strings();
    const { phase, ahead } = this.#turn;
    if (phase === "waiting") return fill(strings.busy, { n: ahead });
    if (phase === "again" || phase === "searching" || phase === "reading") return strings[phase];
    return phase === "stopped" ? strings.stopped : "";
  }

  #say(sentence: Sentence): void {
    const citations = this.#turn.citations.filter(({ n }) => sentence.citations.includes(n));
    const section = citations[0] ? sectionOf(citations[0]) : this.#lastSection;
    const last = this.#answer.lastElementChild;
    const made = block(sentence.text);
    if (made) {
      const [only] = made.blocks;
      if (made.blocks.length === 1 && only instanceof HTMLUListElement && last instanceof HTMLUListElement) {
        last.append(...only.children);
      } else this.#answer.append(...made.blocks);
      if (citations.length) made.end.append(...this.#marks(citations));
    } else {
      const goesOn = last instanceof HTMLParagraphElement && section === this.#lastSection;
      const paragraph = goesOn ? last : this.#answer.appendChild(h("p"));
      // A sentence is added whole, so that a screen reader reads it whole.
      paragraph.append(
        h("span", {}, goesOn ? " " : "", ...words(sentence.text.trim()), ...this.#marks(citations)),
      );
    }
    this.#lastSection = section;
  }

  /** The numbers behind a sentence, one for each section that it rests on. */
  #marks(citations: readonly Citation[]): (HTMLElement | string)[] {
    const firsts = new Map(citations.map((each) => [sectionOf(each), each] as const).reverse());
    return [...firsts].reverse().flatMap(([section, citation]) => {
      const n = this.#place(section, citation);
      const label = fill(this.#wishes.strings().source, { n });
      const attributes = { class: "cite", "aria-label": label, "aria-haspopup": "dialog" };
      const mark = button(attributes, () => this.#wishes.cited(citation, mark), String(n));
      return [NO_BREAK, mark];
    });
  }

  #place(section: string, citation: Citation): number {
    const known = this.#places.get(section);
    if (known) return known.n;
    this.#places.set(section, { n: this.#places.size + 1, citation });
    return this.#places.size;
  }

  #finish(): void {
    const { refusal, problem, phase, proposals } = this.#turn;
    const { strings, accept, send, retry } = this.#wishes;
    const parts: Node[] = [];
    if (refusal) this.#answer.replaceChildren(...this.#refused());
    if (this.#places.size) parts.push(this.#listOfPlaces());
    if (problem) parts.push(trouble(problem, strings()));
    if (phase === "stopped" || phase === "failed") {
      const again = button({ class: "quiet" }, () => retry(this.#turn), strings().retry);
      parts.push(h("div", { class: "row" }, again));
    }
    for (const proposal of proposals) {
      const yes = (key: string): Promise<string> => accept(this.#turn, proposal, key);
      parts.push(offer(proposal, { strings: strings(), accept: yes, send }));
    }
    this.#after.replaceChildren(...parts);
  }

  #refused(): HTMLElement[] {
    const { strings, ask } = this.#wishes;
    const { text, topics } = this.#turn.refusal!;
    const made = text.split(/\n{2,}/).flatMap((part) => block(part)?.blocks ?? h("p", {}, ...words(part)));
    const nearby = topics.map((topic) =>
      button({ class: "quiet" }, () => ask(topic), topic.split(" › ").at(-1) ?? topic),
    );
    return [
      h("div", { class: "refusal" }, h("p", { class: "label" }, strings().refused), ...made),
      ...(nearby.length ? [h("div", { class: "row" }, ...nearby)] : []),
    ];
  }

  #listOfPlaces(): HTMLElement {
    const { strings, link, follow } = this.#wishes;
    const places = [...this.#places.values()].map(({ n, citation }) => {
      const url = link(citation);
      const name = url ? h("a", { href: url }, citation.heading) : h("span", {}, citation.heading);
      if (url) name.addEventListener("click", (event) => follow(citation, url, event as MouseEvent));
      return h("li", {}, h("span", { class: "n" }, String(n)), name);
    });
    const summary = h("summary", {}, `${strings().sources} (${places.length})`);
    return h("details", { class: "places" }, summary, h("ol", {}, ...places));
  }
}

function trouble({ status, title, cure }: Problem, strings: Strings): HTMLElement {
  const [what, how] =
    status === 401
      ? [strings.signedOut, strings.signedOutCure]
      : title
        ? [title, cure ?? ""]
        : [strings.offline, strings.offlineCure];
  return h("p", { class: "trouble" }, h("b", {}, what), ` ${how}`);
}

/** Keeps a number on the line of the word that it belongs to. */
const NO_BREAK = "\u2060";

const sectionOf = ({ passage }: Citation): string => passage.replace(/~\d+$/, "");
