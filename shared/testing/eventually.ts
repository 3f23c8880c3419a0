/**
 * Asks again until the answer is accepted: for a state that comes by itself. The test's own time limit ends it,
 * or this one, which says what was last seen.
 * @param limitMs a bound for a state that never comes, not a wait
 */
export const eventually = async <Answer>(
  ask: () => Promise<Answer>,
  accept: (answer: Answer) => boolean,
  limitMs = 60_000,
): Promise<Answer> => {
  const end = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (accept(answer)) return answer;
    if (Date.now() > end) throw new Error(`never came to be; last seen: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
