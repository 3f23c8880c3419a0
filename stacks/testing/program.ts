import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build, type Plugin } from "esbuild";
import { esmBanner } from "../../scripts/package/esbuild-settings.ts";
import type { Graph } from "./graph.ts";
import { sstPlatform } from "./platform.ts";

const repository = join(import.meta.dirname, "../..");

/** As SST does: every file that is not its own begins with these, so that the stacks find `aws` and `sst`. */
const withGlobals = (platform: string): Plugin => ({
  name: "globals",
  setup: (hooks) => {
    const globals = [
      `import * as aws from "@pulumi/aws";`,
      `import * as random from "@pulumi/random";`,
      `import * as sst from ${JSON.stringify(join(platform, "src/components"))};`,
    ].join("");
    hooks.onLoad({ filter: /\.(js|ts|jsx|tsx)$/ }, ({ path }) =>
      path.startsWith(join(platform, ".."))
        ? undefined
        : { contents: `${globals}\n${readFileSync(path, "utf8")}`, loader: "default" },
    );
  },
});

const cliOf = (platform: string, work: string) => ({
  command: "deploy",
  dev: false,
  paths: { home: work, root: repository, work, platform },
  state: { version: {} },
});

/** SST's CLI defines these three for a stage. */
const definitions = (stage: string, platform: string, work: string) => ({
  $app: JSON.stringify({ name: "sluice", stage, removal: "retain", providers: {}, home: "aws", protect: false }),
  $cli: JSON.stringify(cliOf(platform, work)),
  $dev: "false",
});

const program = (platform: string, graph: string, packed: string): string => `
import { run } from ${JSON.stringify(join(platform, "src/auto/run.ts"))};
import mod from ${JSON.stringify(join(repository, "sst.config.ts"))};
import { mockedRun } from ${JSON.stringify(join(import.meta.dirname, "mocked-run.ts"))};
await mockedRun(() => run(mod.run), ${JSON.stringify(graph)}, ${JSON.stringify(packed)});
`;

/** Bundled with the settings of SST's `pkg/js/js.go`, and put into the platform, where its packages are found. */
const bundle = async (stage: string, platform: string, work: string, code: string): Promise<string> => {
  const outfile = join(platform, `sst.config.${stage}.${process.pid}.mjs`);
  await build({
    stdin: { contents: code, resolveDir: repository, sourcefile: "eval.ts", loader: "ts" },
    banner: { js: esmBanner },
    bundle: true,
    define: definitions(stage, platform, work),
    external: [
      "@pulumi/*",
      "undici",
      "@pulumiverse/*",
      "@sst-provider/*",
      "@aws-sdk/*",
      "esbuild",
      "archiver",
      "glob",
      "vite",
    ],
    format: "esm",
    inject: [join(platform, "src/shim/run.js")],
    logLevel: "error",
    mainFields: ["module", "main"],
    nodePaths: [join(platform, "node_modules")],
    outfile,
    platform: "node",
    plugins: [withGlobals(platform)],
  });
  return outfile;
};

/** What a deploy of production does not go without. */
const deployerOf = (stage: string): Readonly<Record<string, string>> =>
  stage === "prod" ? { SLUICE_ALARM_EMAIL: "on-call@example.com" } : {};

/** The graph that the real `sst.config.ts` asks for in this stage: every resource with its inputs, in the order of their making. */
export const graphOf = async (stage: string, env: Readonly<Record<string, string>> = {}): Promise<Graph> => {
  const platform = await sstPlatform();
  const work = mkdtempSync(join(tmpdir(), "sluice-stacks-"));
  const packed = join(work, "packed");
  mkdirSync(packed);
  writeFileSync(join(packed, "bundle.mjs"), "");
  const graph = join(work, "graph.json");
  const file = await bundle(stage, platform, work, program(platform, graph, packed));
  try {
    await promisify(execFile)(process.execPath, [file], { env: { ...process.env, ...deployerOf(stage), ...env } });
    return JSON.parse(readFileSync(graph, "utf8"));
  } finally {
    rmSync(file, { force: true });
    rmSync(work, { recursive: true, force: true });
  }
};
