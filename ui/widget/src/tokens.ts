/** Who is asking: a token from the page, its URL or its callback, renewed before it expires. */

import { ProblemError, SIGNED_OUT } from "./problem.ts";

/** Where tokens come from; the element itself, in a page. */
export interface TokenOrigin {
  readonly token: string | null;
  readonly tokenUrl: string | null;
  readonly getToken: (() => string | Promise<string>) | null;
}

const MARGIN_S = 20;

export class Tokens {
  readonly #origin: TokenOrigin;
  #given: string | null = null;
  #token: string | null = null;
  #renewing: Promise<string | null> | null = null;

  constructor(origin: TokenOrigin) {
    this.#origin = origin;
  }

  /** A token that is good for some seconds yet, or null where the page gives none. */
  async current(): Promise<string | null> {
    this.#take();
    const expires = claims(this.#token).exp;
    const ending = typeof expires === "number" && expires - Date.now() / 1000 < MARGIN_S;
    return (this.#token && !ending) || !this.renewable ? this.#token : this.renew();
  }

  /** A new token from the page; requests that need one at the same time share it. */
  renew(): Promise<string | null> {
    this.#renewing ??= this.#fetch()
      .then((token) => (this.#token = token))
      .finally(() => (this.#renewing = null));
    return this.#renewing;
  }

  get renewable(): boolean {
    return Boolean(this.#origin.getToken ?? this.#origin.tokenUrl);
  }

  /** Takes over a token that the page has set since the last one. */
  #take(): void {
    if (this.#origin.token === this.#given) return;
    this.#given = this.#token = this.#origin.token;
  }

  async #fetch(): Promise<string> {
    try {
      const { getToken, tokenUrl } = this.#origin;
      return await (getToken ? getToken() : fetched(tokenUrl ?? ""));
    } catch (error) {
      throw error instanceof TypeError ? error : new ProblemError(SIGNED_OUT);
    }
  }
}

/** `{"token": "…"}` by POST, with the cookies of the page. */
async function fetched(url: string): Promise<string> {
  const response = await fetch(url, { method: "POST", credentials: "same-origin" });
  const { token } = (await response.json()) as { token?: string };
  if (!response.ok || !token) throw new ProblemError(SIGNED_OUT);
  return token;
}

/** What a token says, unchecked: the server checks it. */
export function claims(token: string | null): { readonly sub?: string; readonly exp?: number } {
  try {
    const payload = (token ?? "").split(".")[1] ?? "";
    return JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))) as object;
  } catch {
    return {};
  }
}
