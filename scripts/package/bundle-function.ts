import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build, type Metafile } from "esbuild";
import { bundleName, copiedFiles, esbuildSettings, esmBanner, nodejsOptions } from "./esbuild-settings.ts";
import { repository } from "./function-folders.ts";

export type FunctionBundle = {
  readonly name: string;
  /** What Lambda gets, by path inside the zip. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Stays beside the zip: it would be half of it. */
  readonly sourceMap: Uint8Array;
  /** What went in, and why: https://esbuild.github.io/api/#metafile */
  readonly metafile: Metafile;
};

const copiesOf = (name: string): Record<string, Uint8Array> =>
  Object.fromEntries(
    copiedFiles(name).flatMap(({ from, to }) =>
      readdirSync(join(repository, from)).map((file) => [`${to}/${file}`, readFileSync(join(repository, from, file))]),
    ),
  );

/** One function as one ESM file, from the same sources the same bytes. */
export const bundleFunction = async (name: string): Promise<FunctionBundle> => {
  const { outputFiles, metafile } = await build({
    ...esbuildSettings,
    sourcemap: "linked",
    external: [...esbuildSettings.external],
    mainFields: [...esbuildSettings.mainFields],
    format: nodejsOptions.format,
    minify: nodejsOptions.minify,
    banner: { js: esmBanner },
    platform: "node",
    bundle: true,
    metafile: true,
    write: false,
    absWorkingDir: repository,
    entryPoints: [`functions/${name}/handler.ts`],
    outfile: bundleName,
    logLevel: "error",
  });
  const made = Object.fromEntries(outputFiles.map(({ path, contents }) => [basename(path), contents]));
  const { [bundleName]: bundle = new Uint8Array(), [`${bundleName}.map`]: sourceMap = new Uint8Array() } = made;
  return { name, files: { [bundleName]: bundle, ...copiesOf(name) }, sourceMap, metafile };
};
