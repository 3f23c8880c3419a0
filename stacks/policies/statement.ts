/** One statement of a role's policy. Resources are named, never `*`, in whatever allows: stacks.int.test.ts holds it. */
export type Statement = {
  readonly effect?: "allow" | "deny";
  readonly actions: string[];
  readonly resources: $util.Input<$util.Input<string>[]>;
  readonly conditions?: { test: string; variable: string; values: $util.Input<$util.Input<string>[]> }[];
};
