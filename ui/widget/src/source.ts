/** The card of a citation: the passage, the words that carry the sentence, the way to the lesson. */

import { button, h, icon, ICONS } from "./dom.ts";
import { words } from "./prose.ts";
import type { Citation } from "./records.ts";
import { fill, type Strings } from "./strings.ts";

export interface SourceCard {
  /** Shows `citation` beside `mark`; focus comes back to the mark. */
  show(citation: Citation, mark: HTMLElement): void;
  close(): void;
  readonly element: HTMLElement;
}

type Marked = Pick<Citation, "passage_text" | "start" | "end">;

interface Wishes {
  readonly strings: () => Strings;
  readonly link: (citation: Citation) => string | null;
  /** The learner follows the link. */
  readonly follow: (citation: Citation, url: string, event: MouseEvent) => void;
}

export function sourceCard({ strings, link, follow }: Wishes): SourceCard {
  const element = h("div", { class: "source", popover: "auto", role: "dialog", tabindex: "-1" });
  let shownBy: HTMLElement | null = null;

  element.addEventListener("beforetoggle", ({ newState }) => {
    shownBy?.setAttribute("aria-expanded", String(newState === "open"));
    const inside = (element.getRootNode() as ShadowRoot).activeElement;
    if (newState === "closed" && inside && element.contains(inside)) shownBy?.focus();
  });

  function show(citation: Citation, mark: HTMLElement): void {
    if (element.matches(":popover-open")) element.hidePopover();
    shownBy = mark;
    element.replaceChildren(...content(citation));
    element.setAttribute("aria-label", fill(strings().source, { n: mark.textContent ?? "" }));
    element.showPopover();
    place(element, mark);
    const [quote, marked] = [element.querySelector("blockquote"), element.querySelector("mark")];
    if (quote && marked) quote.scrollTop = marked.offsetTop - quote.offsetTop - 24;
    element.focus({ preventScroll: true });
  }

  function content(citation: Citation): Node[] {
    const { source, heading } = citation;
    const [before, quote, after] = parts(citation);
    const url = link(citation);
    const path = heading.split(" › ");
    const whose = citation.collection ?? strings()[source];
    const where = [whose, ...path.slice(0, -1), ...(citation.location ? [citation.location] : [])];
    const nodes: Node[] = [
      h(
        "div",
        { class: "top" },
        h("div", {}, h("p", { class: "voice" }, where.join(" · "))),
        button({ class: "icon", "aria-label": strings().back }, close, icon(ICONS.close)),
      ),
      h("h3", {}, path.at(-1) ?? ""),
      h(
        "blockquote",
        { tabindex: "0" },
        ...words(before),
        h("mark", {}, ...words(quote)),
        ...words(after),
      ),
    ];
    if (url) {
      const read = h("a", { class: "read", href: url }, strings().read, icon(ICONS.go));
      read.addEventListener("click", (event) => follow(citation, url, event));
      nodes.push(read);
    }
    return nodes;
  }

  function close(): void {
    if (element.matches(":popover-open")) element.hidePopover();
  }

  return { element, show, close };
}

/** What stands before the quote, the quote, and what follows; places count code points. */
export function parts({ passage_text, start, end }: Marked): readonly [string, string, string] {
  const points = [...passage_text];
  const part = (from: number, to?: number): string => points.slice(from, to).join("");
  return [part(0, start), part(start, end), part(end)];
}

/** Below the mark or above it, inside the window. */
function place(card: HTMLElement, mark: HTMLElement): void {
  const at = mark.getBoundingClientRect();
  const { width, height } = card.getBoundingClientRect();
  const left = Math.max(12, Math.min(at.left - 24, innerWidth - width - 12));
  const below = at.bottom + 8;
  const top = below + height + 8 <= innerHeight ? below : Math.max(8, at.top - height - 8);
  card.style.setProperty("left", `${left}px`);
  card.style.setProperty("top", `${top}px`);
}
