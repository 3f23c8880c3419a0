import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sstPlatform } from "./platform.ts";

const repository = join(import.meta.dirname, "../..");

const settings = (platform: string, files: readonly string[]) => ({
  extends: join(repository, "tsconfig.json"),
  compilerOptions: {
    ...{ module: "esnext", moduleResolution: "bundler" }, // as the platform's own sources are written
    typeRoots: [join(repository, "node_modules/@types")],
  },
  include: [],
  files: [...files, join(platform, "stacks.d.ts")],
});

/**
 * What the compiler says of the stacks against the real types of SST and of the provider for AWS: the mocks take any argument.
 * The platform comes as sources, which are not held to our settings: what is said of them is left out.
 * @param files absolute; what they import is checked with them
 */
export const typeErrors = async (
  files: readonly string[] = [join(repository, "sst.config.ts"), join(import.meta.dirname, "mocked-run.ts")],
): Promise<readonly string[]> => {
  const platform = await sstPlatform();
  const project = join(platform, `../tsconfig.${process.pid}.json`);
  writeFileSync(project, JSON.stringify(settings(platform, files)));
  const tsc = join(repository, "node_modules/typescript/bin/tsc");
  const { promise, resolve } = Promise.withResolvers<string>();
  execFile(process.execPath, [tsc, "--project", project, "--pretty", "false"], { cwd: repository }, (_error, out) =>
    resolve(out),
  );
  const said = (await promise).split("\n");
  rmSync(project);
  return said.filter((line) => /^\S.*error TS\d+/.test(line) && !line.startsWith(".sluice/cache/sst-"));
};
