import { hostHealth } from "./host/host-health.ts";

/** For a container's health check: ends with 0 when the host here and all its functions stand ready, else with 1 and why. */
const signal = AbortSignal.timeout(4_000);
try {
  console.log(`ready: ${await hostHealth(process.env["SLUICE_STACK"] || "dev", signal)}`);
} catch (fault) {
  console.error(fault instanceof Error ? fault.message : fault);
  process.exitCode = 1;
}
