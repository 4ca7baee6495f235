/**
 * `<mentor-chat>`: the launcher, and nothing more until it is opened.
 *
 * The rest is loaded when the learner points at the launcher, or when a method is called.
 */

import type { Host, Panel } from "./host.ts";
import css from "./launcher.css";
import type { Answer, Citation } from "./records.ts";
import type { Strings } from "./strings.ts";

const BASE = new URL("../..", import.meta.url).href;
const OPEN = "mentor-chat:open";
/** A path on a 24 × 24 grid: an open book. */
const BOOK = "M12 7c-2-1.6-4.7-2-8-2v13c3.3 0 6 .4 8 2 2-1.6 4.7-2 8-2V5c-3.3 0-6 .4-8 2zM12 7v13";

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);

type Call = readonly [method: "open" | "close" | "ask" | "clear", ...args: string[]];
type Queue = { push(...calls: readonly Call[]): unknown };

declare global {
  // eslint-disable-next-line no-var
  var mentorChat: Call[] | Queue | undefined;
}

export class MentorChat extends HTMLElement {
  static readonly version = VERSION;
  static readonly observedAttributes = [
    "accent", "context", "context-title", "corner", "greeting", "heading", "launcher",
    "suggestions", "token",
  ];

  // A page may have set these before the element was defined.
  #token = earlier(this, "token");
  getToken: Host["getToken"] = earlier(this, "getToken");
  lessonUrl: ((citation: Citation) => string | null) | null = earlier(this, "lessonUrl");
  strings: Partial<Strings> = earlier(this, "strings") ?? {};

  readonly #root = this.attachShadow({ mode: "open" });
  readonly #launcher = document.createElement("button");
  readonly #label = document.createElement("span");
  #panel: Promise<Panel> | null = null;

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [sheet];
    this.#launcher.type = "button";
    this.#launcher.className = "launcher";
    this.#launcher.part.add("launcher");
    this.#launcher.setAttribute("aria-haspopup", "dialog");
    this.#launcher.setAttribute("aria-expanded", "false");
    this.#launcher.append(drawing(BOOK), this.#label);
    this.#launcher.addEventListener("click", () => void this.open());
    for (const near of ["pointerenter", "focus"]) {
      this.#launcher.addEventListener(near, () => void this.#load().catch(() => undefined));
    }
    this.#root.append(this.#launcher);
  }

  connectedCallback(): void {
    // Moving an element closes its panel, without a word.
    this.#launcher.classList.remove("away");
    this.#launcher.setAttribute("aria-expanded", "false");
    this.attributeChangedCallback("launcher");
    this.attributeChangedCallback("accent");
    void this.#panel?.then((panel) => panel.attach());
    if (this.#inline) void this.#load().then((panel) => panel.open(false));
    else if (wasOpen()) void this.#load().then((panel) => panel.open(false));
    queueMicrotask(() => {
      this.#emit("ready", { version: VERSION });
      heard(this);
    });
  }

  disconnectedCallback(): void {
    void this.#panel?.then((panel) => panel.detach());
  }

  attributeChangedCallback(name: string): void {
    if (name === "launcher") {
      this.#label.textContent =
        this.getAttribute("launcher") ?? this.strings.launch ?? "Ask your mentor";
    } else if (name === "accent") {
      const accent = this.getAttribute("accent");
      if (accent) this.style.setProperty("--mentor-accent", accent);
    }
    void this.#panel?.then((panel) => panel.changed(name));
  }

  async open(): Promise<void> {
    (await this.#load()).open(true);
  }

  async close(): Promise<void> {
    (await this.#panel)?.close();
  }

  /** Opens and asks; the answer, or null when it was stopped or failed. */
  async ask(question: string): Promise<Answer | null> {
    const panel = await this.#load();
    panel.open(navigator.userActivation?.isActive ?? false); // a click; a queued call takes no focus
    return panel.ask(question);
  }

  /** Begins a new conversation. */
  async clear(): Promise<void> {
    (await this.#load()).clear();
  }

  get token(): string | null {
    return this.#token ?? this.getAttribute("token");
  }

  set token(token: string | null) {
    this.#token = token;
    this.attributeChangedCallback("token");
  }

  get #inline(): boolean {
    return this.getAttribute("mode") === "inline";
  }

  #load(): Promise<Panel> {
    this.#panel ??= import("./panel.ts")
      .then(({ createPanel }) => createPanel(this.#host()))
      .catch((error: unknown) => {
        this.#panel = null; // the next try loads again
        this.#emit("error", { title: "The mentor could not be loaded.", status: 0 });
        throw error;
      });
    return this.#panel;
  }

  #host(): Host {
    const element = this;
    return {
      element,
      root: this.#root,
      server: new URL(`${this.getAttribute("server") ?? BASE}/`.replace(/\/+$/, "/"), BASE).href,
      inline: this.#inline,
      get strings() {
        return element.strings;
      },
      get lessonUrl() {
        return element.lessonUrl ?? element.getAttribute("lesson-url");
      },
      get token() {
        return element.token;
      },
      get tokenUrl() {
        return element.getAttribute("token-url");
      },
      get getToken() {
        return element.getToken;
      },
      attribute: (name) => this.getAttribute(name),
      emit: (name, detail, cancelable) => this.#emit(name, detail, cancelable),
      shown: (open) => this.#shown(open),
    };
  }

  #shown(open: boolean): void {
    if (this.#inline) return;
    this.#launcher.setAttribute("aria-expanded", String(open));
    this.#launcher.classList.toggle("away", open);
    if (!open) this.#launcher.focus();
    remember(open);
    this.#emit(open ? "open" : "close", {});
  }

  #emit(name: string, detail: object, cancelable = false): boolean {
    return this.dispatchEvent(new CustomEvent(name, { detail, cancelable }));
  }
}

/** What a page has set on the element before it was defined. */
function earlier<K extends keyof MentorChat>(element: MentorChat, name: K): MentorChat[K] | null {
  if (!Object.hasOwn(element, name)) return null;
  const value = element[name];
  Reflect.deleteProperty(element, name); // it would hide what the class has under this name
  return value;
}

function drawing(path: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(svg.namespaceURI, "path"));
  svg.firstElementChild?.setAttribute("d", path);
  return svg as SVGSVGElement;
}

/** An open panel is open on the next page too, unless it would cover it. */
function wasOpen(): boolean {
  try {
    return sessionStorage.getItem(OPEN) !== null && matchMedia("(min-width: 640px)").matches;
  } catch {
    return false;
  }
}

function remember(open: boolean): void {
  try {
    if (open) sessionStorage.setItem(OPEN, "");
    else sessionStorage.removeItem(OPEN);
  } catch {
    // without storage the next page begins with the panel closed
  }
}

/** Makes the calls that a page has queued, and makes later ones at once. */
function heard(element: MentorChat): void {
  const call = ([method, ...args]: Call): unknown =>
    (element[method] as (...args: readonly string[]) => unknown)(...args);
  const queued = globalThis.mentorChat;
  globalThis.mentorChat = { push: (...calls) => calls.forEach(call) };
  if (Array.isArray(queued)) queued.forEach(call);
}

if (!customElements.get("mentor-chat")) customElements.define("mentor-chat", MentorChat);
