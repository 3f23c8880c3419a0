/**
 * How every function is bundled, once: for our own zips (`npm run package`, which the emulator runs and whose sizes are tested) and, as
 * `nodejs` options, for SST's. Imports nothing, as SST bundles it into its own program. Why each is so: docs/decisions/packages.md.
 */
export const esbuildSettings = {
  /** What SST takes for the runtime nodejs24.x. It knows no `node24`; the one difference is `using`, which is rewritten here. */
  target: "es2024",
  sourcemap: "linked" as const,
  /** Where two modules have a class of one name esbuild renames one of them; it tells its own name all the same. */
  keepNames: true,
  mainFields: ["module", "main"],
  /** Optional, both, and asked for within a `try`: pg's C client, and debug's colours, which development dependencies happen to bring. */
  external: ["pg-native", "supports-color"],
};

/** The `nodejs` options of every function in the stacks. Without `sourcemap` SST keeps the maps in its bucket, and out of the zip. */
export const nodejsOptions = {
  format: "esm",
  minify: false,
  splitting: false,
  esbuild: esbuildSettings,
} as const;

/**
 * SST puts these lines before every ESM bundle by itself; our own build has to. CommonJS packages want `require`, and some of them a file name.
 */
export const esmBanner = [
  "import { createRequire as topLevelCreateRequire } from 'module';",
  "const require = topLevelCreateRequire(import.meta.url);",
  'import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url"',
  "const __filename = topLevelFileUrlToPath(import.meta.url)",
  'const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url))',
].join("\n");

/** As SST names it: Lambda's handler is `bundle.handler`. */
export const bundleName = "bundle.mjs";

type CopiedFolder = { readonly from: string; readonly to: string };

/** RDS's authorities, by which a function verifies the database. The runtime may lack them. */
const authorities: CopiedFolder = { from: "ops/aws/authorities", to: "authorities" };

/** Beside the bundle, where migrate.ts looks for them. */
const migrations: CopiedFolder = { from: "shared/postgres/migrations", to: "migrations" };

/** Files that a function reads at run time and that no import tells of: SST's `copyFiles`. */
export const copiedFiles = (name: string): readonly CopiedFolder[] =>
  name === "provision" ? [authorities, migrations] : [authorities];
