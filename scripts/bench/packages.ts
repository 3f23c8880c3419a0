import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { functionEnvironment } from "../host/function-environment.ts";
import { functions } from "../host/functions.ts";
import { packageFunctions } from "../package/package-functions.ts";
import { sizeBudgetsKb } from "../package/size-budgets.ts";
import { alternate, type Bench, median } from "./bench.ts";

/**
 * What a start may take, in starts of an empty function: one takes 30 ms on the machine of docs/BENCHMARKS.md, so that loading a function
 * may take 150 ms more there.
 */
const budgetRatio = 6;
const runs = 11;

/** Loads a module in a process of its own; prints how long that took and what the process holds then. */
const script = `
  const started = performance.now();
  await import(process.env.MODULE);
  const took = performance.now() - started;
  process.stdout.write(JSON.stringify({ took, rss: process.memoryUsage().rss }), () => process.exit(0));`;

type Loaded = { readonly took: number; readonly rss: number };

/** Milliseconds of the import alone and of the whole process, as a cold start has both. */
const load = (file: string, environment: Readonly<Record<string, string>>) => {
  const started = performance.now();
  const env = { ...environment, MODULE: pathToFileURL(file).href };
  const text = execFileSync(process.execPath, ["--input-type=module", "--eval", script], { env, encoding: "utf8" });
  const { took, rss }: Loaded = JSON.parse(text);
  return { took, rss, whole: performance.now() - started };
};

/** How long each function takes to load from its package, beside one that does nothing, by turns. */
export const bench: Bench = async ({ addresses, log }) => {
  const dist = mkdtempSync(join(tmpdir(), "sluice-bench-packages-"));
  try {
    const packages = await packageFunctions(dist);
    const empty = join(dist, "empty.mjs");
    writeFileSync(empty, "export const handler = async () => {};\n");
    let peak = 0;
    const table = [];
    for (const { name, zip } of packages) {
      const spec = functions.find((each) => each.name === name);
      if (spec === undefined) continue;
      const { NODE_COMPILE_CACHE: _ours, ...environment } = functionEnvironment(spec, addresses, {}); // Lambda has none
      const file = join(dist, name, "bundle.mjs");
      const imports: number[] = [];
      const { ours, theirs } = await alternate(
        runs,
        async () => {
          const { took, rss, whole } = load(file, environment);
          imports.push(took);
          peak = Math.max(peak, rss);
          return whole;
        },
        async () => load(empty, environment).whole,
      );
      const [whole, without] = [median(ours), median(theirs)];
      log(`${name}: ${Math.round(median(imports))} ms to load`);
      table.push({
        function: name,
        "zip KB": Math.round(zip.length / 1000),
        "of KB": sizeBudgetsKb[name] ?? 0,
        "import ms": Math.round(median(imports)),
        "start ms": Math.round(whole),
        "empty ms": Math.round(without),
        ratio: Number((whole / without).toFixed(2)),
        of: budgetRatio,
      });
    }
    const slowest = table.reduce((worst, row) => (row.ratio > worst.ratio ? row : worst));
    return {
      ...{ bench: "packages", unit: "ms", table },
      value: slowest["start ms"],
      baseline: slowest["empty ms"],
      ratio: slowest.ratio,
      peakRssMb: Math.round(peak / 1024 / 1024),
    };
  } finally {
    rmSync(dist, { recursive: true, force: true });
  }
};
