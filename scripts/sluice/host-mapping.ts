import { setTimeout as sleep } from "node:timers/promises";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import type { MappingControl, MappingState } from "../../shared/operations/rewind/mapping-control.ts";
import { controlOf, type HostControl } from "../host/control/control-client.ts";
import { runningHost } from "../host/host-file.ts";

/** The control of the host that runs for this stack; undefined when none does, or not with this function. */
const controlFor = (stack: string, functionName: string): HostControl | undefined => {
  const host = runningHost(stack, functionName);
  if (host === undefined) return undefined;
  const { controlUrl, controlToken, functions = [] } = host;
  if (controlUrl === undefined || controlToken === undefined)
    throw new SluiceError("host-starting", `the host of stack ${stack} is still starting`, {
      canRetry: true,
      hint: "try again in a moment",
    });
  return functions.includes(functionName) ? controlOf({ controlUrl, controlToken }) : undefined;
};

/** What it is asked to be: `disable` and `enable` wait until it is, and one that is paused meanwhile is so again after the pause. */
const asked = async (control: HostControl, functionName: string): Promise<MappingState> => {
  const found = (await control.mappings()).find((each) => each.function === functionName);
  if (found === undefined) return "Absent";
  return found.enabled ? "Enabled" : "Disabled";
};

/** Ends a wait with the signal's reason; the host goes on by itself. */
const unlessAborted = async (work: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  try {
    await Promise.race([work, promise]);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
};

const LOOK_MS = 200;

/** An operator who has paused the function meanwhile keeps it off: it is enabled then as soon as the pause ends. */
const enableUnlessHeld = async (control: HostControl, functionName: string): Promise<void> => {
  const enabled = control.enable(functionName).then(() => true);
  enabled.catch(() => {}); // heard by the race, if it goes on for so long
  while (!(await Promise.race([enabled, sleep(LOOK_MS, false)])))
    if ((await control.mappings()).some((each) => each.function === functionName && each.holds > 0)) return;
};

/** The pollers of a running host. */
export const hostMapping = (find: (functionName: string) => HostControl | undefined): MappingControl => ({
  state: async (functionName) => {
    const control = find(functionName);
    return control === undefined ? "Absent" : asked(control, functionName);
  },
  disable: async (functionName, signal) => {
    const control = find(functionName);
    if (control !== undefined) await unlessAborted(control.disable(functionName), signal);
  },
  enable: async (functionName, signal) => {
    const control = find(functionName);
    if (control !== undefined) await unlessAborted(enableUnlessHeld(control, functionName), signal);
  },
  isReading: async (functionName) => {
    const mappings = (await find(functionName)?.mappings()) ?? [];
    return mappings.some((each) => each.function === functionName && each.state === "Enabled");
  },
  isOwn: (functionName, clientId) => clientId === `sluice-mapping-${functionName}`,
});

export const mappingOfStack = (stack: string): MappingControl =>
  hostMapping((functionName) => controlFor(stack, functionName));
