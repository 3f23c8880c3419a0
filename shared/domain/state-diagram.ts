/** One way from a state to another. `when`: in which of the situations that were tried, e.g. before the deadline. */
export type Transition = {
  readonly from: string;
  readonly to: string;
  readonly by: string;
  readonly when: string;
};

/** Mermaid's name of what is before the first state and after the last. */
export const nowhere = "[*]";

/** What one step from a state came to: the ways that it took, and where it ended. */
export type Taken<State> = { readonly transitions: readonly Transition[]; readonly state: State };

/**
 * Takes every step from every state that can be reached, beginning with none.
 * @param keyOf the same for two states from which the same can happen
 */
export const explore = <State>(
  stepsFrom: (state: State | undefined) => readonly Taken<State>[],
  keyOf: (state: State) => string,
): readonly Transition[] => {
  const taken = [...stepsFrom(undefined)];
  const seen = new Set<string>();
  // It grows while it is walked through.
  for (const { state } of taken) {
    if (seen.has(keyOf(state))) continue;
    seen.add(keyOf(state));
    taken.push(...stepsFrom(state));
  }
  return taken.flatMap(({ transitions }) => transitions);
};

const labelOf = (by: string, whens: readonly string[], situations: readonly string[]): string => {
  const every = situations.every((situation) => whens.includes(situation));
  return every ? by : `${by} (${situations.filter((situation) => whens.includes(situation)).join(", ")})`;
};

/**
 * A `stateDiagram-v2`: https://mermaid.js.org/syntax/stateDiagram.html. A way that is open in some of the situations only names them.
 * @param situationsOf those in which a state can be asked for something
 */
export const stateDiagram = (
  transitions: readonly Transition[],
  situationsOf: (state: string) => readonly string[],
): string => {
  const ways = Map.groupBy(transitions, ({ from, to, by }) => JSON.stringify([from, to, by]));
  const lines = [...ways.values()].map((way) => {
    const [{ from, to, by }] = way as [Transition, ...Transition[]];
    const whens = way.map(({ when }) => when);
    return `    ${from} --> ${to}: ${labelOf(by, whens, situationsOf(from))}`;
  });
  const left = new Set(transitions.map(({ from }) => from));
  const ends = [...new Set(transitions.map(({ to }) => to))].filter((state) => !left.has(state));
  return ["stateDiagram-v2", ...lines, ...ends.map((state) => `    ${state} --> ${nowhere}`)].join("\n");
};
