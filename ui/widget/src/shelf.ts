/** What a browser keeps between pages: which conversation, and in this tab what is unfinished. */

import type { Question } from "./client.ts";

/** After a night a new conversation begins; the old one stays in the mentor's own page. */
const KEPT_MS = 12 * 3600 * 1000;

export class Shelf {
  /** @param name of this mentor and learner, since a browser may be shared. */
  constructor(readonly name: string) {}

  get conversation(): string | null {
    const kept = get<{ id: string; at: number }>(stores.local, this.name);
    return kept && Date.now() - kept.at < KEPT_MS ? kept.id : null;
  }

  set conversation(id: string | null) {
    put(stores.local, this.name, id && { id, at: Date.now() });
  }

  /** The question under way; a page that comes while it is asks it again, with the same key. */
  get pending(): Question | null {
    return get(stores.session, `${this.name}:pending`);
  }

  set pending(question: Question | null) {
    put(stores.session, `${this.name}:pending`, question);
  }

  get draft(): string {
    return get(stores.session, `${this.name}:draft`) ?? "";
  }

  set draft(text: string) {
    put(stores.session, `${this.name}:draft`, text || null);
  }
}

const stores = { local: () => localStorage, session: () => sessionStorage };

/** Storage may be forbidden, or hold what somebody else wrote; the widget works without it. */
function get<T>(store: () => Storage, key: string): T | null {
  try {
    return JSON.parse(store().getItem(key) ?? "null") as T | null;
  } catch {
    return null;
  }
}

function put(store: () => Storage, key: string, value: unknown): void {
  try {
    if (value === null) store().removeItem(key);
    else store().setItem(key, JSON.stringify(value));
  } catch {
    // full or forbidden: the conversation does not follow, and nothing else is lost
  }
}
