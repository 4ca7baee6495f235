/** The records of the API that the widget reads, as `src/mentor/records.py` defines them. */

export interface Citation {
  readonly n: number;
  /** `page#anchor~piece` */
  readonly passage: string;
  /** `Page › Section` */
  readonly heading: string;
  readonly path: string;
  readonly url: string | null;
  readonly source: "roadmap" | "editorial";
  readonly quote: string;
  readonly start: number;
  readonly end: number;
  readonly passage_text: string;
}

export interface Sentence {
  readonly text: string;
  readonly citations: readonly number[];
}

export interface Proposal {
  readonly id: string;
  readonly kind: "plan" | "mark" | "consultant";
  readonly label: string;
  readonly says: string;
  readonly change: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly question: string;
  readonly answer: string;
  readonly refused: boolean;
  readonly reason: string | null;
  readonly sentences: readonly Sentence[];
  readonly citations: readonly Citation[];
  readonly proposals?: readonly Proposal[];
}

export interface Refusal {
  readonly reason: string;
  readonly text: string;
  readonly topics: readonly string[];
}

/** How an answer arrives; events of other names are passed over. */
export type ChatEvent =
  | { readonly type: "searching"; readonly question: string }
  | { readonly type: "sources" }
  | { readonly type: "waiting"; readonly position: number }
  | {
      readonly type: "sentence";
      readonly sentence: Sentence;
      readonly citations: readonly Citation[];
    }
  | ({ readonly type: "refusal" } & Refusal)
  | { readonly type: "proposals"; readonly proposals: readonly Proposal[] }
  | { readonly type: "done"; readonly answer: Answer };

/** What went wrong, as problem details (RFC 9457). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly cure?: string;
  readonly retry_after?: number;
}

export interface KeptConversation {
  readonly id: string;
  readonly turns: readonly { readonly answer: Answer }[];
}
