import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** On an emulated AWS a schedule comes once a minute: the file that waits for one goes last, so that the minute passes meanwhile. */
class ScheduledLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const waits = ({ project, moduleId }: TestSpecification) =>
      project.name === "emulator" && moduleId.endsWith("/reservations.e2e.test.ts");
    const sorted = await super.sort(files);
    return [...sorted.filter((file) => !waits(file)), ...sorted.filter(waits)];
  }
}

/**
 * Tiers by file name; `int` and `e2e` share one stack, brought up once by their global setup.
 * `emulator` runs the e2e tier once more against the same system on an emulated AWS, with the tests
 * that are of AWS alone; `localstack` runs the state machines' tests once more in LocalStack's
 * interpreter of Step Functions. `manual` runs the manual's commands on a system that they start
 * and stop. `containers` needs a Docker engine: scripts/test-containers.ts.
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
    sequence: { sequencer: ScheduledLast },
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
      tier("localstack", 5, {
        include: ["functions/replay/replay.int.test.ts", "functions/dlq-republish/*.int.test.ts"],
        globalSetup: ["shared/testing/stack-setup.ts", "shared/testing/asl-interpreter.ts"],
        testTimeout: 120_000,
        hookTimeout: 120_000,
        fileParallelism: false,
      }),
      tier("manual", 6, { testTimeout: 180_000, hookTimeout: 120_000 }),
      tier("containers", 7, { testTimeout: 300_000, hookTimeout: 600_000, fileParallelism: false }),
    ],
  },
});
