import { expect, test } from "vitest";
import { prometheusFolder } from "./testing/ops-files.ts";
import { promtool, promtoolPath } from "./testing/promtool.ts";

const program = promtoolPath();
const where = program === undefined ? " (Debian's package prometheus, which is missing here: skipped)" : "";

// As with PgBouncer: a machine without the program says so by name.
test.skipIf(program === undefined)(
  `promtool finds the rules right, and each alert does as its tests say${where}`,
  () => {
    const check = promtool(program as string, ["check", "rules", "alerts.yml"], "", prometheusFolder);
    expect(check, check.said).toMatchObject({ status: 0 });

    const run = promtool(program as string, ["test", "rules", "alerts.test.yml"], "", prometheusFolder);

    expect(run, run.said).toMatchObject({ status: 0 });
  },
);
