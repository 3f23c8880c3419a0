import { expect, test } from "vitest";
import { SluiceError } from "../messaging/sluice-error.ts";
import { createHealth, type HealthProbe } from "./health.ts";

const clock = () => Date.parse("2026-01-02T03:04:05.678Z");
const about = { serviceId: "s", description: "d" };
const probe = (name: string, observe: HealthProbe["observe"], whenDown: "fail" | "warn" = "warn"): HealthProbe => ({
  ...{ name, observe, whenDown },
  componentType: "datastore",
});
const well = async () => ({ observedValue: 3, observedUnit: "ms" });
const down = async () => {
  throw new SluiceError("store-unavailable", "secret-host:5432 refused user bob");
};
const ask = async (probes: readonly HealthProbe[], limitMs = 1_000) => {
  const answer = await createHealth({ probes, limitMs, freshMs: 0, clock, about })();
  return { ...answer, body: JSON.parse(answer.body) };
};

test("given parts that are well, then it passes with what was observed", async () => {
  const { statusCode, headers, body } = await ask([probe("store:responseTime", well)]);

  expect(statusCode).toBe(200);
  expect(headers).toEqual({ "content-type": "application/health+json", "cache-control": "no-store", age: "0" });
  expect(body).toEqual({
    status: "pass",
    ...about,
    checks: {
      "store:responseTime": [
        {
          status: "pass",
          componentType: "datastore",
          time: "2026-01-02T03:04:05.678Z",
          observedValue: 3,
          observedUnit: "ms",
        },
      ],
    },
  });
});

test("given a part that can be missed, when it is down, then it warns with 200 and tells no secrets", async () => {
  const { statusCode, body } = await ask([probe("a:x", well), probe("b:x", down)]);

  expect(statusCode).toBe(200);
  expect(body).toMatchObject({ status: "warn", checks: { "b:x": [{ status: "warn", output: "store-unavailable" }] } });
  expect(JSON.stringify(body)).not.toMatch(/secret|bob/);
});

test("given a part that nothing works without, when it is down, then it fails with 503", async () => {
  const { statusCode, body } = await ask([probe("a:x", down), probe("b:x", down, "fail")]);

  expect(statusCode).toBe(503);
  expect(body.status).toBe("fail");
});

test("given a part that answers but is not well, then it warns and says why", async () => {
  const { body } = await ask([probe("a:x", async () => ({ observedValue: 90, warning: "too old" }), "fail")]);

  expect(body).toMatchObject({ status: "warn", checks: { "a:x": [{ observedValue: 90, output: "too old" }] } });
});

test("given a part that never answers, then the others are not kept waiting beyond the limit", async () => {
  const { statusCode, body } = await ask([probe("a:x", () => new Promise(() => {})), probe("b:x", well)], 10);

  expect(statusCode).toBe(200);
  expect(body).toMatchObject({
    status: "warn",
    checks: { "a:x": [{ output: "no-answer-in-time" }], "b:x": [{ status: "pass" }] },
  });
});

test("given an answer that is fresh, then the parts are not asked again, and its age is told", async () => {
  let [now, asked] = [1_000_000, 0];
  const store = probe("store:x", async () => ({ observedValue: ++asked }));
  const health = createHealth({ probes: [store], limitMs: 1_000, freshMs: 5_000, clock: () => now, about });

  const answers = await Promise.all([health(), health(), health()]);
  expect(asked).toBe(1);
  for (const { headers } of answers) expect(headers).toMatchObject({ "cache-control": "max-age=5", age: "0" });
  now += 4_999;
  expect(await health()).toMatchObject({ body: answers[0]?.body, headers: { age: "4" } });
  now += 1;
  expect((await health()).headers["age"]).toBe("0");
  expect(asked).toBe(2);
});

test("given a failure, then it is asked about again after a second, and what is well again is told", async () => {
  let [now, isWell] = [1_000_000, false];
  const store = probe("store:x", async () => (isWell ? well() : down()), "fail");
  const health = createHealth({ probes: [store], limitMs: 1_000, freshMs: 5_000, clock: () => now, about });

  expect(await health()).toMatchObject({ statusCode: 503, headers: { "cache-control": "max-age=1" } });
  isWell = true;
  now += 999;
  expect((await health()).statusCode).toBe(503);
  now += 1;
  expect((await health()).statusCode).toBe(200);
});
