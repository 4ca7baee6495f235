/** The panel: loaded when the widget is first opened, and wired here. */

import { Client, type Scope } from "./client.ts";
import { type Composer, composer } from "./composer.ts";
import { button, h, icon, ICONS } from "./dom.ts";
import { keepFocus } from "./focus.ts";
import type { Host, Panel } from "./host.ts";
import { lessonLink, safe } from "./links.ts";
import css from "./panel.css";
import type { Answer, Citation, Proposal } from "./records.ts";
import { type SourceCard, sourceCard } from "./source.ts";
import { ENGLISH, fill, type Strings } from "./strings.ts";
import { type Change, Talk, type Turn } from "./talk.ts";
import { Tokens } from "./tokens.ts";
import { TurnView } from "./turn.ts";
import { welcome } from "./welcome.ts";

/** Below this width the panel takes the whole screen. */
const PHONE = "(max-width: 639.98px)";

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);

/** One conversation for each mentor, whatever happens to the elements that show it. */
const talks = new Map<string, Talk>();

export function createPanel(host: Host): Panel {
  return new ChatPanel(host);
}

class ChatPanel implements Panel {
  readonly #host: Host;
  readonly #client: Client;
  readonly #talk: Talk;
  readonly #panel: HTMLElement;
  readonly #heading = h("h2", { id: "heading" });
  readonly #beside = h("p", { class: "beside" });
  readonly #log: HTMLElement;
  readonly #interview: HTMLButtonElement;
  readonly #composer: Composer;
  readonly #card: SourceCard;
  readonly #views = new Map<Turn, TurnView>();
  readonly #told = new WeakSet<Turn>();
  /** Whose half question stands in the composer. */
  #learner: string | null = null;
  #suggestions: readonly string[] = [];
  #silent: (() => void) | null = null;

  constructor(host: Host) {
    this.#host = host;
    this.#client = new Client(host.server, new Tokens(host));
    this.#talk = talks.get(host.server) ?? new Talk(this.#client);
    talks.set(host.server, this.#talk);
    const strings = this.#strings;
    this.#log = h("div", { class: "log", role: "log", tabindex: "0", "aria-label": strings.conversation });
    this.#composer = composer(strings, {
      ask: (question) => void this.ask(question),
      stop: () => this.#talk.stop(),
      typed: (text) => (this.#talk.shelf.draft = text),
    });
    this.#interview = button({ class: "interview" }, () => this.#startInterview(), strings.interview);
    this.#card = sourceCard({
      strings: () => this.#strings,
      link: (citation) => this.#link(citation),
      follow: (citation, url, event) => this.#follow(citation, url, event),
    });
    this.#panel = this.#build();
    host.root.adoptedStyleSheets = [...host.root.adoptedStyleSheets, sheet];
    host.root.append(this.#panel, this.#card.element);
    this.#named();
    this.attach();
  }

  open(focus: boolean): void {
    if (!this.#host.inline && !this.#isOpen) {
      const phone = matchMedia(PHONE).matches;
      this.#panel.classList.toggle("restored", !focus);
      this.#panel.setAttribute("aria-modal", String(phone));
      this.#panel.showPopover();
      this.#host.shown(true);
    }
    void this.#talk.restore();
    if (focus) this.#composer.focus();
    this.#showLast();
  }

  close(): void {
    if (this.#host.inline || !this.#isOpen) return;
    this.#card.close();
    this.#panel.hidePopover();
    this.#host.shown(false);
  }

  ask(question: string): Promise<Answer | null> {
    const set = (name: keyof Scope): string | null => this.#host.attribute(name) || null;
    const scope = { context: set("context"), only: set("only"), prefer: set("prefer") };
    return this.#talk.ask(question, scope);
  }

  clear(): void {
    this.#talk.clear();
    if (this.#isOpen) this.#composer.focus();
  }

  changed(name: string): void {
    if (name === "token") void this.#talk.restore();
    else this.#named();
    if (name === "suggestions") void this.#suggest();
  }

  attach(): void {
    if (this.#silent) return;
    this.#talk.use(this.#client);
    const quiet = this.#talk.listen((change) => this.#changedTalk(change));
    const elsewhere = ({ key, newValue }: StorageEvent): void => {
      if (key === this.#talk.shelf.name && newValue) void this.#talk.refresh();
    };
    const viewport = (): void => {
      this.#panel.style.setProperty("--height", `${window.visualViewport?.height ?? innerHeight}px`);
    };
    addEventListener("storage", elsewhere);
    window.visualViewport?.addEventListener("resize", viewport);
    this.#silent = () => {
      quiet();
      removeEventListener("storage", elsewhere);
      window.visualViewport?.removeEventListener("resize", viewport);
    };
    this.#draft();
    this.#showAll();
    void this.#suggest();
  }

  detach(): void {
    this.#silent?.();
    this.#silent = null;
  }

  get #strings(): Strings {
    const own: Partial<Strings> = {};
    for (const name of ["heading", "greeting"] as const) {
      const value = this.#host.attribute(name);
      if (value) own[name] = value;
    }
    return { ...ENGLISH, ...this.#host.strings, ...own };
  }

  get #isOpen(): boolean {
    return this.#host.inline || this.#panel.matches(":popover-open");
  }

  #build(): HTMLElement {
    const { inline } = this.#host;
    const head = h(
      "div",
      { class: "head" },
      h("div", { class: "names" }, this.#heading, this.#beside),
      this.#tool("clear", () => this.clear()),
      this.#tool("fullPage", () => void this.#openFullPage()),
      inline ? null : this.#tool("close", () => this.close()),
    );
    const foot = h("div", { class: "foot" }, this.#composer.element, this.#interview);
    const panel = h(
      "section",
      {
        class: inline ? "panel inline" : "panel",
        part: "panel",
        role: inline ? "region" : "dialog",
        "aria-labelledby": "heading",
        tabindex: "-1",
        ...(inline ? {} : { popover: "manual" }),
      },
      head,
      this.#log,
      foot,
    );
    panel.addEventListener("keydown", (event) => this.#pressed(event));
    for (const scroll of ["wheel", "touchmove"]) {
      this.#log.addEventListener(scroll, () => this.#card.close(), { passive: true });
    }
    return panel;
  }

  #tool(name: "clear" | "fullPage" | "close", pressed: () => void): HTMLButtonElement {
    const label = this.#strings[name];
    return button({ class: "icon", "aria-label": label, title: label }, pressed, icon(ICONS[name]));
  }

  #pressed(event: KeyboardEvent): void {
    if (this.#host.inline) return;
    if (event.key === "Escape" && !event.isComposing) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (event.key === "Tab") keepFocus(this.#panel, event);
  }

  /** The lesson beside, as the page names it, or as its id reads. */
  get #lesson(): string {
    const title = this.#host.attribute("context-title");
    const id = this.#host.attribute("context")?.split(/[/#]/).at(-1) ?? "";
    const said = id.replaceAll(/[-_]/g, " ");
    return title ?? said.charAt(0).toUpperCase() + said.slice(1);
  }

  #named(): void {
    const strings = this.#strings;
    this.#heading.textContent = strings.heading;
    this.#beside.textContent = this.#lesson && `${strings.beside} ${this.#lesson}`;
    if (!this.#talk.turns.length) this.#showAll();
  }

  async #suggest(): Promise<void> {
    const given = this.#host.attribute("suggestions");
    this.#suggestions =
      given?.split("|").map((each) => each.trim()).filter(Boolean) ??
      (await this.#client.suggestions().catch(() => []));
    if (!this.#talk.turns.length) this.#showAll();
  }

  // --- what the talk brings ---

  #changedTalk(change: Change): void {
    if ("all" in change) {
      this.#draft();
      this.#showAll();
      this.#showLast();
    } else this.#views.get(change.turn)?.update();
    this.#composer.busy(this.#talk.current !== null);
    for (const turn of this.#talk.turns) this.#tell(turn);
  }

  /** Half a question belongs to the learner who typed it: the next one finds their own, or none. */
  #draft(): void {
    const { learner, shelf } = this.#talk;
    if (learner === this.#learner) return;
    if (this.#learner || !this.#composer.text) this.#composer.text = shelf.draft;
    this.#learner = learner;
  }

  #showAll(): void {
    const { turns, restoring } = this.#talk;
    for (const turn of this.#views.keys()) if (!turns.includes(turn)) this.#views.delete(turn);
    for (const turn of turns) {
      if (!this.#views.has(turn)) this.#views.set(turn, new TurnView(turn, this.#wishes));
    }
    const shown = turns.map((turn) => this.#views.get(turn)!.element);
    const strings = this.#strings;
    const empty = restoring
      ? h("p", { class: "state welcome" }, strings.restoring)
      : welcome(strings, this.#suggestions, (question) => void this.ask(question));
    const wanted = shown.length ? shown : [empty];
    for (const child of [...this.#log.children]) if (!shown.includes(child as HTMLElement)) child.remove();
    wanted.forEach((element) => element.isConnected || this.#log.append(element));
  }

  /** The last question at the top, so that an answer is read from its beginning. The log alone is
      scrolled: `scrollIntoView` would move the panel's head and the page too. */
  #showLast(): void {
    const top = this.#log.lastElementChild?.getBoundingClientRect().top;
    if (top !== undefined) this.#log.scrollTop += top - this.#log.getBoundingClientRect().top;
  }

  /** Tells the page once what was asked, and how it ended. */
  #tell(turn: Turn): void {
    if (!turn.asked.key || this.#told.has(turn)) return;
    if (turn.phase === "done" && turn.answer) {
      this.#told.add(turn);
      const { question, answer } = turn.answer;
      this.#host.emit("message", { question, text: answer, answer: turn.answer });
    } else if (turn.phase === "failed" && turn.problem) {
      this.#told.add(turn);
      this.#host.emit("error", turn.problem);
    }
  }

  readonly #wishes = {
    strings: (): Strings => this.#strings,
    link: (citation: Citation) => this.#link(citation),
    cited: (citation: Citation, mark: HTMLElement): void => {
      this.#card.show(citation, mark);
    },
    follow: (citation: Citation, url: string, event: MouseEvent): void =>
      this.#follow(citation, url, event),
    ask: (question: string): void => void this.ask(question),
    retry: (turn: Turn): void => void this.#talk.retry(turn),
    accept: async (turn: Turn, proposal: Proposal, key: string): Promise<string> => {
      const { said } = await this.#talk.accept(turn, proposal, key);
      this.#host.emit("proposal", { proposal, said });
      return said || this.#strings.done;
    },
    send: async (subject: string, body: string, key: string): Promise<string | null> =>
      (await this.#client.letter(subject, body, key)).address ?? null,
  };

  #link(citation: Citation): string | null {
    const { lessonUrl } = this.#host;
    if (typeof lessonUrl === "function") return safe(lessonUrl(citation));
    return lessonLink(citation, lessonUrl);
  }

  /** The page may go there itself, as a single-page site does, by preventing `citation`. */
  #follow(citation: Citation, url: string, event: MouseEvent): void {
    if (!this.#host.emit("citation", { citation, url }, true)) event.preventDefault();
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    this.#card.close();
    if (matchMedia(PHONE).matches) this.close();
  }

  #startInterview(): void {
    const { interviewAsk, interviewAskOn } = this.#strings;
    void this.ask(this.#lesson ? fill(interviewAskOn, { topic: this.#lesson }) : interviewAsk);
  }

  /** A tab must be opened by the click itself; its address comes a moment later. */
  async #openFullPage(): Promise<void> {
    const tab = window.open("", "_blank");
    if (!tab) return;
    tab.opener = null;
    try {
      const signedIn = await this.#client.tokens.current();
      tab.location.href = signedIn ? (await this.#client.launch()).url : this.#host.server;
    } catch {
      tab.close();
      this.#host.emit("error", { title: this.#strings.offline, status: 0 });
    }
  }
}
