import { type Graph, type Inputs, ofType } from "./graph.ts";

/** One statement, as IAM weighs it. */
export type RoleStatement = {
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: readonly {
    readonly test: string;
    readonly variable: string;
    readonly values: readonly string[];
  }[];
};

/** A role, or a policy that people are given, and what it says. */
export type Role = { readonly name: string; readonly statements: readonly RoleStatement[] };

type Written = { Effect: "Allow" | "Deny"; Action: string | string[]; Resource: string | string[]; Condition?: Inputs };

const list = <T>(one: T | readonly T[]): readonly T[] => (Array.isArray(one) ? one : [one as T]);

const conditionsOf = (condition: Inputs = {}): RoleStatement["conditions"] =>
  Object.entries(condition).flatMap(([test, variables]) =>
    Object.entries(variables as Record<string, string | string[]>).map(([variable, values]) => ({
      test,
      variable,
      values: list(values),
    })),
  );

/** Policies come as SST writes them (`statements`) and as IAM's own documents (`Statement`). */
export const statementsOf = (policy: string): readonly RoleStatement[] => {
  const { statements, Statement } = JSON.parse(policy) as {
    statements?: (Omit<RoleStatement, "conditions"> & Partial<RoleStatement>)[];
    Statement?: Written[];
  };
  return [
    ...(statements ?? []).map((statement) => ({ ...statement, conditions: statement.conditions ?? [] })),
    ...(Statement ?? []).map(({ Effect, Action, Resource, Condition }) => ({
      effect: Effect,
      actions: list(Action),
      resources: list(Resource),
      conditions: conditionsOf(Condition),
    })),
  ];
};

export const rolesOf = (graph: Graph): readonly Role[] => {
  const apart = ofType(graph, "iam/rolePolicy:RolePolicy");
  const roles = ofType(graph, "iam/role:Role").map(({ name, inputs }) => {
    const inline = (inputs["inlinePolicies"] ?? []) as readonly { readonly policy: string }[];
    const attached = apart.filter(({ inputs: { role } }) => role === `${name}-id`);
    const policies = [
      ...inline.map(({ policy }) => policy),
      ...attached.map(({ inputs: { policy } }) => String(policy)),
    ];
    return { name, statements: policies.flatMap(statementsOf) };
  });
  const forPeople = ofType(graph, "iam/policy:Policy").map(({ name, inputs }) => ({
    name,
    statements: statementsOf(String(inputs["policy"])),
  }));
  return [...roles, ...forPeople];
};

const matches = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
    "i",
  ).test(text);

export type Question = {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
};

const applies = (statement: RoleStatement, { action, resource, context = {} }: Question): boolean =>
  statement.actions.some((pattern) => matches(pattern, action)) &&
  statement.resources.some((pattern) => matches(pattern, resource)) &&
  statement.conditions.every(({ test, variable, values }) => {
    if (test !== "ArnEquals" && test !== "ArnLike" && test !== "StringEquals" && test !== "StringLike")
      throw new Error(`what ${test} means is not known here`);
    return values.some((pattern) => matches(pattern, context[variable] ?? ""));
  });

/** IAM's rule for one account: a deny beats every allow, and what nobody allows is denied. */
export const verdict = ({ statements }: Role, question: Question): "allowed" | "denied" | "not allowed" => {
  const applying = statements.filter((statement) => applies(statement, question));
  if (applying.some(({ effect }) => effect === "Deny")) return "denied";
  return applying.length > 0 ? "allowed" : "not allowed";
};

export const whoMay = (roles: readonly Role[], question: Question): readonly string[] =>
  roles.filter((role) => verdict(role, question) === "allowed").map(({ name }) => name);
