import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository, sharedCache, stackPaths } from "../../scripts/stack/paths.ts";
import { withLock } from "../../scripts/stack/state.ts";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";

const { version } = JSON.parse(readFileSync(join(repository, "node_modules/sst/package.json"), "utf8"));

/** Installed once for each version of SST; some 320 MB, 20 s. A CI that keeps `.sluice/cache` pays for it once. */
const home = join(sharedCache, `sst-${version}`);

const config = `export default $config({ app: () => ({ name: "sluice", home: "local" }), async run() {} });\n`;

/** What SST writes for a project with these two providers, whose packages its platform brings along. */
const types = `import "./src/global.d.ts";
import { AppInput, App, Config } from "./src/config";
import * as _aws from "@pulumi/aws";
import * as _random from "@pulumi/random";

declare global {
  // @ts-expect-error
  export import aws = _aws;
  // @ts-expect-error
  export import random = _random;
  type Providers = { providers?: { aws?: string | (_aws.ProviderArgs & { version?: string }); random?: string | { version: string } } };
  export const $config: (
    input: Omit<Config, "app"> & { app(input: AppInput): Omit<App, "providers"> & Providers },
  ) => Config;
}
`;

const install = (folder: string): void => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "sst.config.ts"), config);
  writeFileSync(join(folder, "package.json"), "{}\n");
  const env = { ...process.env, SST_SKIP_DEPENDENCY_CHECK: "1", SST_NO_BUN: "1", SST_TELEMETRY_DISABLED: "1" };
  const sst = join(repository, "node_modules/sst/bin/sst.mjs");
  execFileSync(process.execPath, [sst, "install", "--stage", "local"], { cwd: folder, env, stdio: "pipe" });
  writeFileSync(join(folder, ".sst/platform/stacks.d.ts"), types);
};

const installWhole = (): void => {
  const beside = `${home}.part`;
  rmSync(beside, { recursive: true, force: true });
  try {
    install(beside);
  } catch (cause) {
    const said = String((cause as { stderr?: Buffer }).stderr ?? cause);
    throw new SluiceError("no-sst-platform", `SST ${version} could not unpack its platform: ${said.trim()}`, {
      hint: "it needs the npm registry, once; then it is kept under .sluice/cache",
      cause,
    });
  }
  renameSync(beside, home);
};

/**
 * The folder of SST's platform: its components and Pulumi's packages, from the npm registry and nowhere else.
 * Several at once wait for the first.
 * @throws SluiceError `no-sst-platform` where they cannot be had: the suite is red then, and says why
 */
export const sstPlatform = async (): Promise<string> => {
  const platform = join(home, ".sst/platform");
  await withLock(
    stackPaths("sst"),
    () => {},
    async () => {
      if (!existsSync(platform)) installWhole();
    },
  );
  return platform;
};
