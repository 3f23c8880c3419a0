import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, inject, onTestFinished, test } from "vitest";
import { runStack, stackName, startNode, startStackCommand } from "../../shared/testing/stack-command.ts";
import { isRunning, type ProcessRef, processTree, waitUntilEnded } from "./process-identity.ts";

const name = stackName();

afterEach(async () => {
  expect((await runStack(["reset", "--name", name])).code).toBe(0);
});

/** The process, its guardians and their parts, once there are as many. */
const treeOf = async (owner: ChildProcess, atLeast: number): Promise<readonly ProcessRef[]> => {
  const pid = owner.pid as number;
  for (;;) {
    const tree = processTree(pid);
    if (tree.length >= atLeast) return tree;
    if (owner.exitCode !== null) throw new Error(`it ended with ${owner.exitCode}`);
    await sleep(5);
  }
};

const says = (child: ChildProcess, word: string): Promise<void> =>
  new Promise((resolve, reject) => {
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes(word)) resolve();
      });
    child.once("close", () => reject(new Error(`ended without saying "${word}": ${said}`)));
  });

const owner = `
  import { upStack } from "./scripts/stack/index.ts";
  await upStack({ name: "${name}", attached: true, durable: false, log: console.log });
  console.log("owner is ready");
`;

const startOwner = (env?: Record<string, string>): ChildProcess => {
  const child = startNode(["--input-type=module-typescript", "--eval", owner], env);
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
};

test("SIGKILL of an attached owner leaves no process: no part, no guardian", async () => {
  // given an owner with all three parts
  const child = startOwner();
  await says(child, "owner is ready");
  const tree = processTree(child.pid as number);
  expect(tree.length).toBeGreaterThanOrEqual(1 + 1 + 1); // the owner, a guardian, what it guards; more where nothing is in Docker

  // when
  child.kill("SIGKILL");

  // then
  await waitUntilEnded(tree, 30_000);
  expect(tree.filter(isRunning)).toEqual([]);
});

test("Ctrl-C in the middle of a start leaves no process", async () => {
  // given a start that has come to running something, PostgreSQL's initdb or Kafka's formatting
  const child = startStackCommand(["up", "--name", name], { OPENSEARCH_URL: inject("stack").openSearchUrl });
  const tree = await treeOf(child, 1 + 2 + 2);

  // when the terminal sends SIGINT to the group in its foreground
  process.kill(-(child.pid as number), "SIGINT");

  // then
  await waitUntilEnded(tree, 30_000);
  expect(tree.filter(isRunning)).toEqual([]);

  // and the next start is not hindered by what is half made
  const { kafkaBrokers: KAFKA_BROKERS, openSearchUrl: OPENSEARCH_URL } = inject("stack");
  const again = await runStack(["up", "--name", name], { KAFKA_BROKERS, OPENSEARCH_URL });
  expect(again).toMatchObject({ code: 0, stderr: "" });
});
