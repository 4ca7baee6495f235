/** What the panel needs of the element that carries it; the loader implements it. */

import type { Answer, Citation } from "./records.ts";
import type { Strings } from "./strings.ts";
import type { TokenOrigin } from "./tokens.ts";

export interface Host extends TokenOrigin {
  readonly element: HTMLElement;
  readonly root: ShadowRoot;
  /** The mentor's address, ending in `/`. */
  readonly server: string;
  readonly inline: boolean;
  readonly strings: Partial<Strings>;
  readonly lessonUrl: string | ((citation: Citation) => string | null) | null;
  attribute(name: string): string | null;
  /** Tells the page; false when it has prevented what would follow. */
  emit(name: string, detail: object, cancelable?: boolean): boolean;
  /** Opened or closed, by whom ever. */
  shown(open: boolean): void;
}

export interface Panel {
  open(focus: boolean): void;
  close(): void;
  ask(question: string): Promise<Answer | null>;
  clear(): void;
  /** An attribute has another value. */
  changed(name: string): void;
  /** The element has left the page; the conversation goes on. */
  detach(): void;
  attach(): void;
}
