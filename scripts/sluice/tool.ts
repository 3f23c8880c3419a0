import type { Environment } from "../stack/settings.ts";
import { commands } from "./commands.ts";
import { localTarget } from "./local-target.ts";
import type { Tool } from "./run-sluice.ts";

/** The tool as it runs on a machine: what runs there is worked on directly, a stage on AWS through its functions. */
export const tool: Tool = {
  commands,
  targetOf: ({ name }, env: Environment) => localTarget(name, env),
  runOnStage: async (run) => {
    const { runOnStage } = await import("./stage/run-on-stage.ts");
    return runOnStage(run);
  },
};
