import type { Problem } from "./records.ts";

/** Something that went wrong and has a name. Without a title the panel finds the words. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title);
  }
}

export const SIGNED_OUT: Problem = { type: "urn:mentor:problem:token", title: "", status: 401 };
export const OFFLINE: Problem = { type: "urn:mentor:problem:offline", title: "", status: 0 };

export function problemOf(error: unknown): Problem {
  return error instanceof ProblemError ? error.problem : OFFLINE;
}
