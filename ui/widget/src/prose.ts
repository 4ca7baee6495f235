/** Sentences as elements. The text is data: nothing in it becomes a tag, a link or an image. */

import { h } from "./dom.ts";

const INLINE = /`([^`\n]+)`|\*\*([^*\n]+)\*\*|\[([^\]\n]+)\]\([^)\s]*\)/g;
const FENCE = /^```\w*\n([\s\S]*?)\n?```$/;
const ITEM = /^\s*(?:[-*•]|\d+[.)])\s+/;

/** Words with code, stress and the words of links; other signs stay as they stand. */
export function words(text: string): (Node | string)[] {
  const nodes: (Node | string)[] = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(text.slice(from, match.index));
    const [all, code, strong, link] = match;
    nodes.push(
      code !== undefined ? h("code", {}, code) : strong !== undefined ? h("b", {}, strong) : link!,
    );
    from = match.index + all.length;
  }
  nodes.push(text.slice(from));
  return nodes.filter((node) => node !== "");
}

/** A list, with or without lead-in, or a listing; null for a plain sentence. */
export function block(text: string): { readonly blocks: HTMLElement[]; end: HTMLElement } | null {
  const listing = FENCE.exec(text.trim())?.[1];
  if (listing !== undefined) {
    const pre = h("pre", { tabindex: "0" }, h("code", {}, listing));
    return { blocks: [pre], end: pre };
  }
  const lines = text.split("\n").filter((line) => line.trim());
  const first = lines.findIndex((line) => ITEM.test(line));
  if (first < 0) return null;
  const items: string[] = [];
  for (const line of lines.slice(first)) {
    if (ITEM.test(line)) items.push(line.replace(ITEM, ""));
    else items.push(`${items.pop()} ${line.trim()}`);
  }
  const list = h("ul", {}, ...items.map((item) => h("li", {}, ...words(item))));
  const lead = lines.slice(0, first).join(" ");
  const paragraph = lead ? h("p", {}, ...words(lead)) : null;
  return {
    blocks: paragraph ? [paragraph, list] : [list],
    end: paragraph ?? (list.lastElementChild as HTMLElement),
  };
}
