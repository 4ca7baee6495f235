import assert from "node:assert/strict";
import { test } from "node:test";
import { ProblemError } from "../src/problem.ts";
import { claims, Tokens } from "../src/tokens.ts";
import { token } from "./server.ts";

test("a token is renewed shortly before it expires, once for all who need it", async () => {
  let minted = 0;
  const seconds = [5, 600];
  const page = { token: null, tokenUrl: null, getToken: async () => token(`t${minted}`, seconds[minted++]) };
  const tokens = new Tokens(page);
  assert.equal(claims(await tokens.current()).sub, "t0");
  const both = await Promise.all([tokens.current(), tokens.current()]);
  assert.deepEqual(both.map((each) => claims(each).sub), ["t1", "t1"]);
  await tokens.current();
  assert.equal(minted, 2);
});

test("a token that the page sets anew takes the place of the old one", async () => {
  const page = { token: token("ada") as string | null, tokenUrl: null, getToken: null };
  const tokens = new Tokens(page);
  assert.equal(claims(await tokens.current()).sub, "ada");
  page.token = token("bob");
  assert.equal(claims(await tokens.current()).sub, "bob");
  page.token = null;
  assert.equal(await tokens.current(), null);
});

test("a callback that fails is told as a session that has ended", async () => {
  const getToken = () => Promise.reject(new Error("signed out"));
  await assert.rejects(new Tokens({ token: null, tokenUrl: null, getToken }).current(), ProblemError);
});

test("what is no token says nothing", () => {
  for (const text of [null, "", "abc", "a.b.c", "a.!!.c"]) assert.deepEqual(claims(text), {});
});
