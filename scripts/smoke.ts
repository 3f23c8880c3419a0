import { enableCompileCache } from "node:module";
import { join } from "node:path";

// so what is imported below starts faster
enableCompileCache(join(import.meta.dirname, "../.sluice/cache/compiled"));

const { flushed, processTerminal } = await import("./sluice/terminal.ts");
const { smoke } = await import("./smoke/smoke.ts");
const code = await smoke(processTerminal());
await flushed();
process.exit(code);
