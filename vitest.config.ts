import { defineConfig } from "vitest/config";

/**
 * Three tiers by file name; the two that need servers share one stack, brought up once by their global setup. A fourth runs the e2e tier once
 * more against the same system on an emulated AWS, with the tests that are of AWS alone.
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
    ],
  },
});
