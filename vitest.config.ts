import { defineConfig } from "vitest/config";

/**
 * Tiers by file name; `int` and `e2e` share one stack, brought up once by their global setup. `emulator` runs the e2e tier once more against the
 * same system on an emulated AWS, with the tests that are of AWS alone. `manual` runs the manual's commands on a system that they start and stop.
 */
const tier = (name: string, groupOrder: number, more: object = {}) => ({
  test: {
    name,
    include: [`{functions,shared,scripts,stacks}/**/*.${name}.test.ts`],
    environment: "node" as const,
    sequence: { groupOrder }, // one tier after the other, as each has workers of its own number
    ...more,
  },
});

export default defineConfig({
  test: {
    projects: [
      tier("unit", 1),
      tier("int", 2, {
        globalSetup: "shared/testing/stack-setup.ts",
        testTimeout: 120_000,
        hookTimeout: 120_000,
        maxWorkers: 2,
      }),
      tier("e2e", 3, {
        globalSetup: ["shared/testing/stack-setup.ts", "shared/testing/running-system.ts"],
        testTimeout: 120_000,
        hookTimeout: 180_000,
        fileParallelism: false,
      }),
      tier("emulator", 4, {
        include: ["{functions,shared,scripts,stacks}/**/*.{e2e,emulator}.test.ts"],
        globalSetup: ["shared/testing/stack-setup.ts", "shared/testing/emulated-system.ts"],
        testTimeout: 120_000,
        hookTimeout: 180_000,
        fileParallelism: false,
      }),
      tier("manual", 5, { testTimeout: 180_000, hookTimeout: 120_000 }),
    ],
  },
});
