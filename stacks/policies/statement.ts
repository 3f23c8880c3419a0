/** One statement of a role's policy. Resources are named, never `*`, in whatever allows, but for the few that stacks/testing/least-privilege.ts lists. */
export type Statement = {
  readonly effect?: "allow" | "deny";
  readonly actions: string[];
  readonly resources: $util.Input<$util.Input<string>[]>;
  readonly conditions?: { test: string; variable: string; values: $util.Input<$util.Input<string>[]> }[];
};
