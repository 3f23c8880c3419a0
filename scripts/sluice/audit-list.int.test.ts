import { afterAll, beforeAll, expect, test } from "vitest";
import { audited } from "../../shared/operations/audit/audited.ts";
import { openOperatedSystem } from "./testing/operated-system.ts";

let system: Awaited<ReturnType<typeof openOperatedSystem>>;
beforeAll(async () => {
  system = await openOperatedSystem([]);
  const about = { actor: "bob", target: "t", reason: "rain" };
  await audited(system.db, { ...about, operation: "outbox skip", before: { status: "PARKED" } }, async (audit) =>
    audit.after({ status: "SKIPPED" }),
  );
  await audited(system.db, { ...about, operation: "replay" }, () => Promise.reject(new Error("broken"))).catch(
    () => {},
  );
});
afterAll(() => system?.close());

test("for people a line a run, newest first; for programs what was before and after, too", async () => {
  const people = await system.run("audit list");
  const programs = await system.run("audit list --operation outbox --limit 5 --since 1h --json");

  expect({ people: people.code, programs: programs.code }).toEqual({ people: 0, programs: 0 });
  const [heading, first, second] = people.stdout.split("\n");
  expect(heading).toMatch(/^STARTED +ACTOR +OPERATION +TARGET +OUTCOME +REASON +RUN$/);
  expect(first).toMatch(/ bob +replay +t +failed +Error: broken +[0-9a-f-]{36}$/);
  expect(second).toMatch(/ bob +outbox skip +t +done +rain +[0-9a-f-]{36}$/);
  expect(JSON.parse(programs.stdout)).toMatchObject([
    { operation: "outbox skip", outcome: "done", before: { status: "PARKED" }, after: { status: "SKIPPED" } },
  ]);
});

test.each([
  ["audit list --since yesterday", "yesterday is no time"],
  ["audit list --limit 0", "a whole number from 1"],
])("%s is a usage fault", async (args, said) => {
  expect(await system.run(args)).toMatchObject({ code: 2, stderr: expect.stringContaining(said) });
});
