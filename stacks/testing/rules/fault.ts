import type { Inputs } from "../graph.ts";

/** A fault that somebody could write into the stacks, and where and by whom it has to be told. */
export type Fault = {
  readonly title: string;
  readonly type: string;
  /** The resource's name in the program; the first of its type unless said. */
  readonly resource?: string;
  readonly change: (inputs: Inputs) => Inputs;
  readonly property: string;
  readonly rule: RegExp;
  readonly source: RegExp;
};

/** An input at a dotted path in place of the one that is there. */
export const set =
  (path: string, value: unknown) =>
  (inputs: Inputs): Inputs => {
    const [first = "", ...rest] = path.split(".");
    const inside = (inputs[first] ?? {}) as Inputs;
    const changed = rest.length === 0 ? value : set(rest.join("."), value)(inside);
    if (!Array.isArray(inputs)) return { ...inputs, [first]: changed };
    return inputs.map((each, index) => (String(index) === first ? changed : each)) as unknown as Inputs;
  };
