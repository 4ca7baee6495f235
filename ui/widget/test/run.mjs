// Bundles the tests, which are TypeScript too, and runs them in node's own runner.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const tests = readdirSync(here(".")).filter((name) => name.endsWith(".test.ts"));
await esbuild.build({
  entryPoints: tests.map((name) => here(name)),
  outdir: here("../build"),
  bundle: true,
  platform: "node",
  format: "esm",
  logLevel: "warning",
});
const built = tests.map((name) => here(`../build/${name.replace(/ts$/, "js")}`));
process.exit(spawnSync(process.execPath, ["--test", ...built], { stdio: "inherit" }).status ?? 1);
