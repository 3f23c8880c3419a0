import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { bundleFunction, type FunctionBundle } from "./bundle-function.ts";
import { functionNames, repository, stateMachineFiles } from "./function-folders.ts";
import { zipFiles } from "./zip-files.ts";

export type FunctionPackage = FunctionBundle & { readonly zip: Uint8Array };

/** The package of one function, in memory. */
export const packageFunction = async (name: string): Promise<FunctionPackage> => {
  const bundle = await bundleFunction(name);
  return { ...bundle, zip: zipFiles(bundle.files) };
};

const write = (folder: string, { name, zip, files, sourceMap, metafile }: FunctionPackage): void => {
  writeFileSync(join(folder, `${name}.zip`), zip);
  writeFileSync(join(folder, `${name}.meta.json`), `${JSON.stringify(metafile)}\n`);
  for (const [path, content] of Object.entries({ ...files, "bundle.mjs.map": sourceMap })) {
    const file = join(folder, name, path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, content);
  }
};

/**
 * Writes `dist/`: of each function `NAME.zip`, the same unpacked with its source map, and esbuild's account of what is in it; the state
 * machines beside them.
 */
export const packageFunctions = async (
  folder: string = join(repository, "dist"),
  names: readonly string[] = functionNames(),
): Promise<readonly FunctionPackage[]> => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const packages = await Promise.all(names.map(packageFunction));
  for (const each of packages) write(folder, each);
  for (const file of stateMachineFiles()) copyFileSync(join(repository, file), join(folder, basename(file)));
  return packages;
};
