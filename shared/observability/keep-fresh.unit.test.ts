import { expect, test } from "vitest";
import { keepFresh } from "./keep-fresh.ts";

const start = 1_000_000;

/** What is asked counts up; the clock and the outcome are the test's. */
const counting = (freshMs: number) => {
  const state = { now: start, asked: 0, fails: false };
  const ask = keepFresh(
    async () => {
      state.asked++;
      if (state.fails) throw new Error("away");
      return state.asked;
    },
    { freshMs: () => freshMs, clock: () => state.now },
  );
  return { state, ask };
};

test("all who ask at the same time wait for one answer", async () => {
  const { state, ask } = counting(0);
  const answers = await Promise.all(Array.from({ length: 50 }, ask));

  expect(new Set(answers.map(({ answer }) => answer))).toEqual(new Set([1]));
  expect(state.asked).toBe(1);
});

test("an answer that is not to be kept is asked for each time", async () => {
  const { ask } = counting(0);
  expect([(await ask()).answer, (await ask()).answer]).toEqual([1, 2]);
});

test("an answer is given again until it is too old, with its age", async () => {
  const { state, ask } = counting(5_000);
  await ask();
  state.now = start + 4_999;
  expect(await ask()).toEqual({ answer: 1, ageMs: 4_999 });
  state.now = start + 5_000;
  expect(await ask()).toEqual({ answer: 2, ageMs: 0 });
});

test("a clock that is set back by an hour keeps no answer for an hour", async () => {
  const { state, ask } = counting(5_000);
  await ask();
  state.now = start - 3_600_000;
  expect(await ask()).toEqual({ answer: 2, ageMs: 0 });
});

test("a failure is told and not kept", async () => {
  const { state, ask } = counting(5_000);
  state.fails = true;
  await expect(ask()).rejects.toThrow("away");
  state.fails = false;
  expect((await ask()).answer).toBe(2);
});
