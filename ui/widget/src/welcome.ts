/** What stands in the panel before the first question. */

import { button, h, icon, ICONS } from "./dom.ts";
import type { Strings } from "./strings.ts";

export function welcome(
  strings: Strings,
  suggestions: readonly string[],
  ask: (question: string) => void,
): HTMLElement {
  const lines = suggestions.map((question) =>
    h("li", {}, button({ class: "line" }, () => ask(question), h("span", {}, question), icon(ICONS.go))),
  );
  const list = lines.length ? [h("h4", {}, strings.suggestions), h("ul", {}, ...lines)] : [];
  return h(
    "div",
    { class: "welcome" },
    h("h3", {}, strings.greeting),
    h("p", {}, strings.promise),
    ...list,
  );
}
