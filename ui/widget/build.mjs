// Builds the widget into the Python package that serves it: widget.js, and the panel it loads
// when it is first opened. `node build.mjs FOLDER` builds elsewhere.
import { readFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { version } = JSON.parse(await readFile(here("package.json"), "utf8"));
const outdir = process.argv[2] ?? here("../mentor_ui/static/widget");

/** A style sheet becomes a string, which a constructed sheet takes: no <style>, so a CSP holds. */
const sheets = {
  name: "sheets",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const css = await readFile(path, "utf8");
      const { code } = await esbuild.transform(css, {
        loader: "css",
        minify: true,
        target: "es2022",
      });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

await rm(outdir, { recursive: true, force: true });
await esbuild.build({
  entryPoints: [{ in: here("src/loader.ts"), out: "widget" }],
  outdir,
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  chunkNames: "[name]-[hash]",
  define: { VERSION: JSON.stringify(version) },
  banner: { js: `/* mentor-widget ${version}, Apache-2.0 */` },
  plugins: [sheets],
  logLevel: "warning",
});
