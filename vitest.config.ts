import { defineConfig } from "vitest/config";

/** Three tiers by file name; the two that need servers share one stack, brought up once by their global setup. */
const tier = (name: string, more: object = {}) => ({
  test: {
    name,
    include: [`{functions,shared,scripts,stacks}/**/*.${name}.test.ts`],
    environment: "node" as const,
    ...more,
  },
});

export default defineConfig({
  test: {
    projects: [
      tier("unit"),
      tier("int", {
        globalSetup: "shared/testing/stack-setup.ts",
        testTimeout: 120_000,
        hookTimeout: 120_000,
        maxWorkers: 2,
      }),
      tier("e2e", {
        globalSetup: ["shared/testing/stack-setup.ts", "shared/testing/running-system.ts"],
        testTimeout: 120_000,
        hookTimeout: 180_000,
        fileParallelism: false,
      }),
    ],
  },
});
