import { expect, inject, test } from "vitest";
import { invokeOnStage } from "./invoke-on-stage.ts";

const { name: stage, environment } = inject("stage");
for (const [name, value] of Object.entries(environment)) process.env[name] = value; // as `npx sst shell` gives it

/** What went where standard error is. */
const listening = () => {
  const heard = { text: "" };
  const write = (more: string) => {
    heard.text += more;
  };
  return { heard, write };
};

test("a consumer of a stage has its mapping: by hand it wants records; its log comes before its answer", async () => {
  await expect(invokeOnStage({ name: "product-event-consumer", stage })).rejects.toMatchObject({ code: "usage" });

  const { heard, write } = listening();
  const payload = JSON.stringify({ eventSource: "aws:kafka", records: {} });
  const answer = await invokeOnStage({ name: "product-event-consumer", stage, payload, write });
  expect(JSON.parse(answer)).toEqual({ batchItemFailures: [] });
  expect(heard.text).toMatch(/^product-event-consumer \| batch projected records=0 /m);
});

test("a function that fails is told with its log, whose stack names its functions", async () => {
  const { heard, write } = listening();
  const invoked = invokeOnStage({ name: "functions/replay", stage, payload: '{"action":"none"}', write });
  const message = expect.stringContaining(
    `replay of stage ${stage} failed: the event is no task of the replay machine`,
  );
  await expect(invoked).rejects.toMatchObject({ code: "invocation-failed", message });
  expect(heard.text).toMatch(/^replay \| +at requireTask \(.*bundle\.mjs:/m);
});

test("a stage that there is not is told", async () => {
  await expect(invokeOnStage({ name: "api", stage: "nothing" })).rejects.toMatchObject({ code: "unknown-stage" });
});
