import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type * as z from "zod";
import { type DeployedFunction, type Graph, type Inputs, ofType, only } from "./graph.ts";

const repository = join(import.meta.dirname, "../..");

export const machinesOf = (graph: Graph): readonly { readonly inputs: Inputs; readonly definition: string }[] =>
  ofType(graph, "sfn/stateMachine:StateMachine").map(({ inputs }) => ({
    inputs,
    definition: String(inputs["definition"]),
  }));

type Asl = { readonly States: Readonly<Record<string, { readonly Parameters?: { readonly FunctionName: string } }>> };

/** The functions that a machine's tasks invoke. */
export const tasksOf = (definition: string): readonly string[] =>
  Object.values((JSON.parse(definition) as Asl).States).flatMap(({ Parameters }) => Parameters?.FunctionName ?? []);

/** What lies under `/sluice/STAGE/`. */
export const parametersOf = (graph: Graph): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    ofType(graph, "ssm/parameter:Parameter").map(({ inputs }) => [
      String(inputs["name"]).split("/").slice(3).join("/"),
      inputs["value"],
    ]),
  );

/** The names of the metrics that features write. */
export const metricsWritten = (): readonly (string | undefined)[] =>
  readdirSync(join(repository, "shared"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.includes(".test."))
    .map((file) => readFileSync(join(repository, "shared", file), "utf8"))
    .flatMap((text) => [...text.matchAll(/meter\.\w+\("(\w+)"/g)].map(([, name]) => name));

/** What Lambda, Node and Powertools themselves read. SST_KEY opens the encrypted file of links: docs/SECURITY.md. */
const notOurs = new Set([
  "NODE_OPTIONS",
  "POWERTOOLS_METRICS_NAMESPACE",
  "SST_KEY",
  "SST_KEY_FILE",
  "SST_RESOURCE_App",
]);

/** The variables that a function's configuration sees, links among them: `DatabaseUrl` stands for DATABASE_URL. */
export const settingsGiven = ({ environment, links }: DeployedFunction): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(Object.entries(environment).filter(([name]) => !notOurs.has(name))),
  ...Object.fromEntries(
    links.map((link) => [
      link.replace(/([a-z])([A-Z])/g, "$1_$2").toUpperCase(),
      "postgres://user:word@host:5432/name",
    ]),
  ),
});

/** The schema of a function's configuration. */
export const settingsRead = async (name: string): Promise<z.ZodObject> => {
  const module = (await import(`../../functions/${name}/config.ts`)) as Record<string, z.ZodObject>;
  const schemas = Object.entries(module).filter(([key]) => key.endsWith("Config"));
  return only(schemas, `configurations of ${name}`)[1];
};
