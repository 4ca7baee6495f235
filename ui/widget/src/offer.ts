/** What the mentor proposes, with the button that says yes; a letter is edited before it goes. */

import { newKey } from "./client.ts";
import { button, h } from "./dom.ts";
import { safe } from "./links.ts";
import { problemOf } from "./problem.ts";
import type { Proposal } from "./records.ts";
import type { Strings } from "./strings.ts";

/** The keys let a click that is repeated, because its reply was lost, do nothing twice. */
interface Wishes {
  readonly strings: Strings;
  /** What was done, in words. */
  readonly accept: (key: string) => Promise<string>;
  /** Sends a letter; an address is for the learner's browser to open. */
  readonly send: (subject: string, body: string, key: string) => Promise<string | null>;
}

export function offer(proposal: Proposal, wishes: Wishes): HTMLElement {
  const box = h("div", { class: "offer" }, h("p", {}, proposal.says));
  const yes = button({ class: "quiet firm" }, () => pressed(), proposal.label);
  box.append(yes);
  const key = newKey();

  function pressed(): void {
    if (proposal.kind === "consultant") box.replaceChildren(...letter(proposal, wishes, box));
    else void carried(box, yes, wishes.strings, async () => [await wishes.accept(key)]);
  }
  return box;
}

function letter(proposal: Proposal, { strings, send }: Wishes, box: HTMLElement): HTMLElement[] {
  const subject = String(proposal.change["subject"] ?? proposal.label);
  const body = h("textarea", { id: "letter", rows: "7" });
  body.value = String(proposal.change["body"] ?? "");
  let tried = { body: body.value, key: newKey() };
  const sent = async (): Promise<(Node | string)[]> => {
    if (body.value !== tried.body) tried = { body: body.value, key: newKey() }; // another letter
    const address = await send(subject, tried.body, tried.key);
    const url = address?.startsWith("mailto:") ? address : safe(address);
    if (!url) return [strings.letterSent];
    return [h("a", { href: url, target: "_blank", rel: "noopener" }, strings.letterOpen)];
  };
  const go = button(
    { class: "quiet firm" },
    () => void carried(box, go, strings, sent),
    strings.sendLetter,
  );
  queueMicrotask(() => body.focus());
  return [h("label", { for: "letter" }, strings.letter), body, go];
}

/** Does it once; says what came of it, or what went wrong beside the button. */
async function carried(
  box: HTMLElement,
  pressed: HTMLButtonElement,
  strings: Strings,
  act: () => Promise<(Node | string)[]>,
): Promise<void> {
  pressed.disabled = true;
  const said = h("p", { role: "status" });
  try {
    said.append(...(await act()));
    box.replaceChildren(said);
  } catch (error) {
    const { title, cure } = problemOf(error);
    said.className = "trouble";
    said.append(title ? `${title} ${cure ?? ""}` : strings.offline);
    box.querySelector(".trouble")?.remove();
    box.append(said);
    pressed.disabled = false;
  }
}
