/** The box for the question, and the button that asks or stops. */

import { button, h, icon, ICONS } from "./dom.ts";
import type { Strings } from "./strings.ts";

export interface Composer {
  readonly element: HTMLElement;
  focus(): void;
  /** Whether an answer is under way, which the button then stops. */
  busy(busy: boolean): void;
  text: string;
}

interface Wishes {
  readonly ask: (question: string) => void;
  readonly stop: () => void;
  readonly typed: (text: string) => void;
}

export function composer(strings: Strings, { ask, stop, typed }: Wishes): Composer {
  const box = h("textarea", {
    rows: "1",
    placeholder: strings.placeholder,
    "aria-label": strings.question,
    enterkeyhint: "send",
  });
  const go = button({ class: "go" }, () => (running ? stop() : send()));
  let running = false;

  function send(): void {
    const question = box.value.trim();
    if (!question) return box.focus();
    set("");
    ask(question);
  }

  function set(text: string): void {
    box.value = text;
    grow();
    typed(text);
  }

  function grow(): void {
    box.style.setProperty("height", "34px");
    box.style.setProperty("height", `${Math.min(150, box.scrollHeight)}px`);
  }

  function busy(now: boolean): void {
    running = now;
    go.classList.toggle("stop", now);
    go.setAttribute("aria-label", now ? strings.stop : strings.send);
    go.replaceChildren(icon(now ? ICONS.stop : ICONS.send));
  }

  box.addEventListener("input", () => {
    grow();
    typed(box.value);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (!running) send();
  });
  busy(false);
  return {
    element: h("div", { class: "composer" }, box, go),
    focus: () => box.focus(),
    busy,
    get text() {
      return box.value;
    },
    set text(text) {
      set(text);
    },
  };
}
