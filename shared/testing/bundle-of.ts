import { build, type Metafile } from "esbuild";

/**
 * The files that go into a function's bundle, and those of them that are loaded when the function
 * starts.
 */
export type Bundle = { readonly files: readonly string[]; readonly loadedAtStart: readonly string[] };

/** What is imported later is in bundles of its own. */
const loadedBy = ({ outputs }: Metafile, entry: string): readonly string[] => {
  const loaded = new Set<string>();
  const load = (output: string): void => {
    if (loaded.has(output)) return;
    loaded.add(output);
    for (const { path, kind } of outputs[output]?.imports ?? []) if (kind === "import-statement") load(path);
  };
  load(entry);
  return [...loaded].flatMap((output) => Object.keys(outputs[output]?.inputs ?? {}));
};

/**
 * esbuild's options for who imports what, of which nothing is written. Splitting, as else each entry
 * has all that it imports once more.
 */
export const graphOnly = {
  bundle: true,
  splitting: true,
  metafile: true,
  write: false,
  outdir: "out",
  logLevel: "silent",
  platform: "node",
  format: "esm",
} as const;

/** @param handlerFile absolute, and named `handler.ts` */
export const bundleOf = async (handlerFile: string): Promise<Bundle> => {
  const { metafile } = await build({
    entryPoints: [handlerFile],
    ...graphOnly,
    external: ["pg-native", "@aws-sdk/*"],
  });
  const entry = Object.keys(metafile.outputs).find((name) => name.endsWith("handler.js")) as string;
  return { files: Object.keys(metafile.inputs), loadedAtStart: loadedBy(metafile, entry) };
};
