import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { stackName } from "../../shared/testing/stack-command.ts";
import { type PartName, partNames } from "./part.ts";
import { stackPaths } from "./paths.ts";
import { stackLogs } from "./stack-logs.ts";

const stackWithLogs = (logs: Partial<Record<PartName, string>>) => {
  const paths = stackPaths(stackName());
  onTestFinished(() => rmSync(paths.state, { recursive: true, force: true }));
  const file = (part: PartName) => join(paths.state, part, `${part}.log`);
  for (const [part, text] of Object.entries(logs) as [PartName, string][]) {
    mkdirSync(join(paths.state, part), { recursive: true });
    writeFileSync(file(part), text);
  }
  return { name: paths.name, file };
};

test("the last lines of each part are printed, with the part's name when there are several", async () => {
  const { name } = stackWithLogs({ postgres: "one\ntwo\nthree\n", kafka: "four\n" });
  const said: string[] = [];
  await stackLogs({ name, parts: partNames, lines: 2, print: (line) => said.push(line) });
  expect(said).toEqual([
    "postgres | two",
    "postgres | three",
    "kafka | four",
    expect.stringMatching(/^opensearch \| no log yet: .*opensearch\.log$/),
  ]);
});

test("following goes on with whole lines, also when the part is started again with a new file", async () => {
  // given
  const { name, file } = stackWithLogs({ kafka: "before\n" });
  const said: string[] = [];
  const stop = new AbortController();
  const following = stackLogs({
    name,
    parts: ["kafka"],
    lines: 0,
    follow: stop.signal,
    print: (line) => said.push(line),
  });

  // when
  appendFileSync(file("kafka"), "half ");
  appendFileSync(file("kafka"), "a line\nand");
  await vi.waitFor(() => expect(said).toEqual(["half a line"]));
  appendFileSync(file("kafka"), " more\n");
  await vi.waitFor(() => expect(said).toEqual(["half a line", "and more"]));
  renameSync(file("kafka"), `${file("kafka")}.before`);
  writeFileSync(file("kafka"), "again\n");

  // then
  await vi.waitFor(() => expect(said).toEqual(["half a line", "and more", "again"]));
  stop.abort();
  await following;
});
