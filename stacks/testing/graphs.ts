import { beforeAll } from "vitest";
import type { Graph } from "./graph.ts";
import { graphOf } from "./program.ts";

/** Those that differ: stacks/stage.ts. */
export const stages = ["prod", "dev"] as const;

/** The graphs of these stages, made before the tests of the file that calls it. */
export const graphsOf = (wanted: readonly string[]): ((stage: string) => Graph) => {
  const made = new Map<string, Graph>();
  beforeAll(async () => {
    for (const stage of wanted) made.set(stage, await graphOf(stage));
  });
  return (stage) => made.get(stage) as Graph;
};
