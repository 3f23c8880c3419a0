import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openOperatedSystem } from "./testing/operated-system.ts";

type System = Awaited<ReturnType<typeof openOperatedSystem>>;

let system: System;
beforeAll(async () => {
  system = await openOperatedSystem(["rebuild_run", "read_model_lease", "projection_target", "rebuild_needed"]);
  await system.rows(
    `insert into projection_target (projection, kind, name, state) values ('product-event-projection', 'search', 'products-v1-000001', 'live')`,
  );
});
afterAll(() => system?.close());

/** Runs it, and holds that it has changed nothing. */
const dryRun = async (line: string) => {
  const before = await system.snapshot();
  const ran = await system.run(line);
  expect(await system.snapshot()).toEqual(before);
  return ran;
};

test("a plan tells the targets and changes nothing", async () => {
  const ran = await dryRun("rebuild start");
  expect(ran).toMatchObject({ code: 0, stderr: "dry run: nothing was changed; --execute begins it\n" });
  expect(ran.stdout).toMatch(
    /^READ-MODEL +KIND +LIVE +NEW\nproduct-event-projection +search +products-v1-000001 +products-v1-000002\n/,
  );
  const json = JSON.parse((await dryRun("rebuild start --json")).stdout);
  expect(json).toMatchObject({
    generation: 2,
    rows: 0,
    made: { index: "products-v1-000002", table: "product_view_000002" },
  });
});

test.each(["status", "swap", "rollback", "retire", "abort"])(
  "without a rebuild `rebuild %s` is refused",
  async (word) => {
    expect(await dryRun(`rebuild ${word}`)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("there was no rebuild yet"),
    });
  },
);

test("what does not follow is refused with what does; dry runs change nothing, and a refusal is in the audit", async () => {
  // given a rebuild that is ready
  const id = randomUUID();
  await system.rows(
    `insert into rebuild_run (id, projection, generation, actor, new_index, new_table, old_index, old_table, audit_run, total)
     values ($1, 'product-event-projection', 2, 'bob', 'products-v1-000002', 'product_view_000002', 'products-v1-000001', 'product_view_000001', $1, 9)`,
    id,
  );

  // when, then
  expect(await dryRun("rebuild status")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/bob +ready +- +9 +100%/),
  });
  expect(await dryRun("rebuild rollback")).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("`rebuild rollback` does not follow"),
  });
  const swap = await dryRun("rebuild swap");
  expect(swap).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/LIVE +KEPT-FRESH +DELETED\n.* products-v1-000002 +products-v1-000001 +-\n/),
  });
  const abort = await dryRun("rebuild abort");
  expect(abort).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/ products-v1-000001 +- +products-v1-000002\n/),
  });
  expect((await dryRun("rebuild start")).stderr).toContain("--execute goes on with it");

  // when it is swapped
  await system.rows("update rebuild_run set course = 'swap'");
  expect(await dryRun("rebuild start")).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("rebuild retire --execute"),
  });
  const refused = await system.run("rebuild abort --execute", { OPENSEARCH_URL: "http://127.0.0.1:1" });
  expect(refused).toMatchObject({ code: 3, stdout: "" });
  expect((await system.audit()).at(-1)).toMatchObject({ actor: "ann", operation: "rebuild abort", outcome: "refused" });
});
