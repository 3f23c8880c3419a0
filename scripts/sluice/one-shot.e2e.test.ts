import { afterEach, describe, expect, inject, test } from "vitest";
import { newProduct } from "../../shared/catalogue/api/testing/test-api.ts";
import { askSystem } from "../../shared/testing/ask-system.ts";
import { eventually } from "../../shared/testing/eventually.ts";
import { controlOf, type HostControl } from "../host/control/control-client.ts";
import { runningHost } from "../host/host-file.ts";
import { sluice } from "./testing/sluice-process.ts";

const stack = process.env["SLUICE_STACK"] || "test";
const ask = askSystem(inject("systemUrl"));
const run = (words: string) => sluice([...words.split(" "), "--name", stack], { SLUICE_ACTOR: "ann" });

const hostControl = (): HostControl => {
  const { controlUrl = "", controlToken = "" } = runningHost(stack) ?? {};
  return controlOf({ controlUrl, controlToken });
};

const mappingOf = async (consumer: string) =>
  (await hostControl().mappings()).find((each) => each.function === consumer)?.state;

const becomes = (consumer: string, state: string) =>
  eventually(
    () => mappingOf(consumer),
    (found) => found === state,
  );

/** A product, and a reservation of it: an event, and a command. */
const write = async (): Promise<string> => {
  const product = await ask("POST /products", { body: newProduct({ stock: 5 }) });
  const lines = [{ productId: product.body.id, quantity: 2 }];
  await ask("POST /reservations", { body: { lines, expiresInSeconds: 600 } });
  return product.body.id;
};

const allSent = () =>
  eventually(
    async () => JSON.parse((await run("outbox status --json")).stdout),
    ({ pending }) => pending === 0,
  );

describe.each([
  ["run_product_event_consumer", "product-event-consumer", "product-event-projection-group", "IGNORED"],
  ["run_product_consumer", "product-command-consumer", "product-command-group", "REJECTED"],
])("%s", (words, consumer, group, outcome) => {
  afterEach(async () => {
    await run(`groups resume --group ${group}`);
    await hostControl().enable(consumer);
  });

  test("does what is there, once, with the host's mapping as it was found, and says so in the audit", async () => {
    // given: nobody reads
    await hostControl().disable(consumer);
    await write();
    await allSent();

    // when
    const first = await run(words);
    const second = await run(`${words} --json`);

    // then
    expect(first.code).toBe(0);
    const [headings = "", counts = ""] = first.stdout.split("\n");
    expect(headings).toMatch(new RegExp(`^RECORDS +BATCHES +APPLIED +DUPLICATE +${outcome} +DEAD-LETTERED$`));
    const [records = 0, , applied = 0] = counts.split(/ +/).map(Number);
    expect(records).toBeGreaterThan(0);
    expect(applied).toBeGreaterThan(0);
    expect(second.code).toBe(0);
    expect(JSON.parse(second.stdout)).toMatchObject({ function: consumer, batches: expect.any(Number) });
    expect(await becomes(consumer, "Disabled")).toBe("Disabled");
    const audit = JSON.parse((await run(`audit list --operation ${words} --limit 1 --json`)).stdout);
    expect(audit).toMatchObject([{ actor: "ann", operation: words, target: group, outcome: "done" }]);
  });

  test("finds the mapping enabled, and puts it back", async () => {
    await becomes(consumer, "Enabled");
    expect((await run(words)).code).toBe(0);
    await becomes(consumer, "Enabled");
  });

  test("is refused while the group is paused", async () => {
    await run(`groups pause --group ${group} --reason words`);
    const { code, stdout, stderr } = await run(words);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(new RegExp(`was paused by ann at .*: words\n {2}\`sluice groups resume --group ${group}\``));
  });
});

test("replay_dlq is `dlq replay`: a dry run unless it is told to execute, with the same options and rules", async () => {
  const dry = await run("replay_dlq --topic dlq.product.events --target product.events --reason none --json");
  const wrong = await run("replay_dlq --topic dlq.product.events --target product.commands --execute");
  const help = await run("replay_dlq --help");

  expect(JSON.parse(dry.stdout)).toMatchObject({ executed: false, matched: 0 });
  expect(wrong).toMatchObject({ code: 3, stderr: expect.stringContaining("came from product.events") });
  expect(help.stdout).toContain("the old name of `dlq replay`: a dry run until --execute is given");
  expect(help.stdout).toContain("--rate <count>");
});
