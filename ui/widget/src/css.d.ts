declare module "*.css" {
  const css: string;
  export default css;
}

/** The version in package.json, put in by build.mjs. */
declare const VERSION: string;
