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
 * What a start may take, in starts of an empty function, both as time of the main thread: an empty one takes 24 ms on the machine of
 * docs/BENCHMARKS.md, so that loading a function may take some 150 ms more there.
 */
const budgetRatio = 7;
const runs = 11;

/** Loads a module in a process of its own; prints how long that took, and what the process has used of the processor and of memory. */
const script = `
  const started = performance.now();
  await import(process.env.MODULE);
  const took = performance.now() - started;
  const { user, system } = process.threadCpuUsage();
  const { rss } = process.memoryUsage();
  process.stdout.write(JSON.stringify({ took, cpu: (user + system) / 1000, rss }), () => process.exit(0));`;

/** Milliseconds of the import by the clock, and of the main thread's processor for the whole start: those do not grow when others are at work. */
type Loaded = { readonly took: number; readonly cpu: number; readonly rss: number };

const load = (file: string, environment: Readonly<Record<string, string>>): Loaded => {
  const env = { ...environment, MODULE: pathToFileURL(file).href };
  return JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "--eval", script], { env, encoding: "utf8" }),
  );
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
          const { took, cpu, rss } = load(file, environment);
          imports.push(took);
          peak = Math.max(peak, rss);
          return cpu;
        },
        async () => load(empty, environment).cpu,
      );
      const [whole, without] = [median(ours), median(theirs)];
      log(`${name}: ${Math.round(median(imports))} ms to load`);
      table.push({
        function: name,
        "zip KB": Math.round(zip.length / 1000),
        "of KB": sizeBudgetsKb[name] ?? 0,
        "import ms": Math.round(median(imports)),
        "CPU ms": Math.round(whole),
        "empty CPU ms": Math.round(without),
        ratio: Number((whole / without).toFixed(2)),
        of: budgetRatio,
      });
    }
    for (const { function: name, ratio } of table)
      if (ratio > budgetRatio) log(`${name} is over its budget: ${ratio} starts of an empty function`);
    const slowest = table.reduce((worst, row) => (row.ratio > worst.ratio ? row : worst));
    return {
      ...{ bench: "packages", unit: "ms", table },
      value: slowest["CPU ms"],
      baseline: slowest["empty CPU ms"],
      ratio: slowest.ratio,
      peakRssMb: Math.round(peak / 1024 / 1024),
    };
  } finally {
    rmSync(dist, { recursive: true, force: true });
  }
};
