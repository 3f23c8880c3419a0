import { readdirSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Bench } from "./bench/bench.ts";
import { upStack } from "./stack/index.ts";

/** `npm run bench -- NAME`: prints a table and, as the last line of standard output, the figures as JSON. */
const folder = join(import.meta.dirname, "bench");
const names = readdirSync(folder)
  .filter((file) => /^[a-z-]+\.ts$/.test(file) && file !== "bench.ts")
  .map((file) => file.slice(0, -3))
  .sort();
const [name = ""] = process.argv.slice(2);
const log = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const main = async (): Promise<void> => {
  if (!names.includes(name)) {
    log(name === "" ? "which bench?" : `no bench ${name}`);
    log(`hint: npm run bench -- ${names.join(" | ")}`);
    process.exitCode = 2;
    return;
  }
  const { bench } = (await import(pathToFileURL(join(folder, `${name}.ts`)).href)) as { bench: Bench };
  const stack = await upStack({ name: process.env["SLUICE_STACK"] || "bench", attached: true, log });
  try {
    const { table, ...figures } = await bench({ addresses: stack.addresses, log });
    console.log(`node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "cpu"}`);
    console.table(table);
    console.log(JSON.stringify(figures));
  } finally {
    await stack.stop();
  }
};

await main();
