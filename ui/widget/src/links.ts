import type { Citation } from "./records.ts";

/** The parts of `page#anchor~piece`. */
function parts(passage: string): { page: string; anchor: string } {
  const [page = "", anchor = ""] = passage.replace(/~\d+$/, "").split("#");
  return { page, anchor };
}

/**
 * Where a citation stands in the portal, by its URL template.
 *
 * `{page}` is the page's id (`lessons/drift`), `{slug}` its last part, `{anchor}` the section and
 * `{file}` the file of the material. Without a template the citation's own address is used.
 * Anything but http(s) is no link, and neither is a template that names something unknown.
 */
export function lessonLink(citation: Citation, template: string | null): string | null {
  if (!template) return safe(citation.url);
  const { page, anchor } = parts(citation.passage);
  const values: Record<string, string> = {
    page: page.split("/").map(encodeURIComponent).join("/"),
    slug: encodeURIComponent(page.split("/").at(-1) ?? ""),
    anchor: encodeURIComponent(anchor),
    file: citation.path.split("/").map(encodeURIComponent).join("/"),
  };
  const filled = template.replace(/\{(\w+)\}/g, (all, name: string) => values[name] ?? all);
  return /[{}]/.test(filled) ? null : safe(filled.replace(/#$/, ""));
}

export function safe(address: string | null): string | null {
  if (!address) return null;
  try {
    const url = new URL(address, document.baseURI);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}
