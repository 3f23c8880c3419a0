import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";
import { bundleName } from "./esbuild-settings.ts";
import { repository } from "./function-folders.ts";

export type BundleContents = {
  /** Names of npm packages. */
  readonly packages: readonly string[];
  /** Those of them that package-lock.json knows as development dependencies. */
  readonly developmentPackages: readonly string[];
  /** Files of the repository, relative to it. */
  readonly ownFiles: readonly string[];
  /** Languages of zod's own messages; `en` is what it speaks unless told otherwise. */
  readonly languages: readonly string[];
};

type Lock = { readonly packages: Readonly<Record<string, { readonly dev?: boolean }>> };

const packageFolder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;

const unique = (values: readonly string[]): readonly string[] => [...new Set(values)].sort();

/** What esbuild took into a bundle, leaving out the files of which it kept nothing. */
export const bundleContents = ({ outputs }: Metafile): BundleContents => {
  const inputs = outputs[bundleName]?.inputs ?? {};
  const files = Object.keys(inputs).filter((file) => (inputs[file]?.bytesInOutput ?? 0) > 0);
  const folders = unique(files.flatMap((file) => packageFolder.exec(file)?.[1] ?? []));
  const { packages: locked }: Lock = JSON.parse(readFileSync(join(repository, "package-lock.json"), "utf8"));
  const nameOf = (folder: string) => folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
  return {
    packages: unique(folders.map(nameOf)),
    developmentPackages: unique(folders.filter((folder) => locked[folder]?.dev !== undefined).map(nameOf)),
    ownFiles: files.filter((file) => !packageFolder.test(file)).sort(),
    languages: unique(files.flatMap((file) => /\/zod\/v4\/locales\/(?!index)(.+)\.js$/.exec(file)?.[1] ?? [])),
  };
};
