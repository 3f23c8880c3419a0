#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { join } from "node:path";

enableCompileCache(join(import.meta.dirname, "../.sluice/cache/compiled")); // so what is imported below starts faster

const { runSluice } = await import("./sluice/run-sluice.ts");
const { processTerminal, flushed } = await import("./sluice/terminal.ts");
const { tool } = await import("./sluice/tool.ts");
const code = await runSluice(processTerminal(), tool);
await flushed();
process.exit(code);
