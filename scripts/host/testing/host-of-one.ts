/** A host with one function, busy with an invocation; tells its parent the function's process and waits to be killed. */
import { silentLog } from "../../../shared/observability/logger.ts";
import { startFunctionPool } from "../process/function-pool.ts";

const pool = startFunctionPool({
  spec: { name: "many-ways", handlerFile: "scripts/host/testing/many-ways.ts", timeoutMs: 60_000, concurrency: 1 },
  environment: { PATH: process.env["PATH"] ?? "" },
  onLine: () => {},
  log: silentLog,
});
await pool.invoke("{}");
void pool.invoke('{"do":"sleep","ms":60000}');
process.send?.(pool.status().pids[0]);
setInterval(() => {}, 1000);
