import * as z from "zod";
import { headersOfProblem, problemHeaders, problemSchema, problemsOf } from "./openapi-problems.ts";
import { problemType } from "./problem.ts";
import type { ProblemSpec, ResponseSpec, Route } from "./route.ts";

type Json = Readonly<Record<string, unknown>>;

export type ApiDescription = {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly routes: readonly Route[];
  /** What answers are made of, by the names that routes use. */
  readonly schemas: Readonly<Record<string, z.ZodType>>;
  /** The scope that a token must have for a route; undefined: the route is open. */
  readonly scopeOf: (route: Route) => string | undefined;
  /** Response headers by the names that routes use. */
  readonly headers: Readonly<Record<string, { readonly description: string; readonly example: string }>>;
};

/** JSON Schema 2020-12, which is OpenAPI 3.1's own dialect. */
const schemaOf = (schema: z.ZodType, io: "input" | "output"): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
};

const correlated = { "x-correlation-id": { $ref: "#/components/headers/x-correlation-id" } };

const headersOf = (names: readonly string[]): Json => ({
  ...correlated,
  ...Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }])),
});

const contentOf = (response: ResponseSpec): Json =>
  response.schema === undefined
    ? {}
    : {
        content: {
          [response.contentType ?? "application/json"]: {
            schema: { $ref: `#/components/schemas/${response.schema}` },
            ...(response.example === undefined ? {} : { example: response.example }),
          },
        },
      };

/** One response of a status: what a route answers with it, and the problems that have it. */
const responseOf = (
  { method }: Route,
  status: number,
  answer: ResponseSpec | undefined,
  problems: readonly ProblemSpec[],
): Json => {
  const examples = problems.map(({ kind, title }) => [
    kind,
    { value: { type: problemType(kind), title, status, detail: title, instance: "/" } },
  ]);
  const described = [...(answer ? [answer.description] : []), ...problems.map(({ title }) => title)];
  const ofProblems = problems.flatMap(({ kind, headerNames = headersOfProblem(kind, method) }) => headerNames);
  const headers = [...(answer?.headers ?? []), ...ofProblems];
  const problemContent =
    problems.length === 0
      ? {}
      : {
          "application/problem+json": {
            schema: { $ref: "#/components/schemas/Problem" },
            examples: Object.fromEntries(examples),
          },
        };
  const content = { ...((answer && contentOf(answer)["content"]) as Json | undefined), ...problemContent };
  return {
    description: described.join("; "),
    headers: headersOf(headers),
    ...(Object.keys(content).length === 0 ? {} : { content }),
  };
};

const responsesOf = (route: Route): Json => {
  const kinds = problemsOf(route);
  const statuses = new Set([...route.responses, ...kinds].map(({ status }) => status));
  return Object.fromEntries(
    [...statuses]
      .sort((a, b) => a - b)
      .map((status) => {
        const answer = route.responses.find((response) => response.status === status);
        const problems = kinds.filter((kind) => kind.status === status);
        return [String(status), responseOf(route, status, answer, problems)];
      }),
  );
};

const parametersOf = (route: Route): readonly Json[] => {
  const path = Object.entries(route.pathParameters ?? {}).map(([name, { description, schema }]) => ({
    ...{ name, in: "path", required: true, description },
    schema: schemaOf(schema, "input"),
  }));
  const query = Object.entries(route.query?.shape ?? {}).map(([name, schema]) => {
    // What the value means is the schema's output; as input every parameter is a string.
    const { description, ...rest } = schemaOf(schema as z.ZodType, "output");
    const required = !(schema as z.ZodType).safeParse(undefined).success;
    return { name, in: "query", required, ...(description ? { description } : {}), schema: rest };
  });
  const headers = (route.requestHeaders ?? []).map(({ name, required, description, example }) => ({
    ...{ name, in: "header", required, description, example },
    schema: { type: "string" },
  }));
  const shared = ["correlation-id", "traceparent"].map((name) => ({ $ref: `#/components/parameters/${name}` }));
  return [...path, ...query, ...headers, ...shared];
};

const requestBodyOf = ({ body }: Route): Json => {
  if (body === undefined) return {};
  const content = { schema: { $ref: `#/components/schemas/${body.name}` }, example: body.example };
  return {
    requestBody: { required: true, content: Object.fromEntries(body.mediaTypes.map((type) => [type, content])) },
  };
};

const securityOf = (scope: string | undefined): Json => ({ security: scope === undefined ? [] : [{ token: [scope] }] });

/**
 * An issuer's tokens, whoever the issuer is: of a scheme of this kind the list of an operation
 * names what a token must have.
 */
const tokenScheme = {
  type: "http",
  scheme: "bearer",
  bearerFormat: "JWT",
  description:
    "On AWS a token of the issuer with the scope that the operation names, else API Gateway answers 401 or 403. Elsewhere none is asked for.",
};

const operationOf = (route: Route, scope: string | undefined): Json => ({
  operationId: route.operationId,
  summary: route.summary,
  ...(route.description === undefined ? {} : { description: route.description }),
  ...securityOf(scope),
  parameters: parametersOf(route),
  ...requestBodyOf(route),
  responses: responsesOf(route),
});

const componentsOf = ({ routes, schemas, headers }: ApiDescription): Json => {
  const inputs = routes.flatMap(({ body }) => (body ? [[body.name, schemaOf(body.schema, "input")] as const] : []));
  const outputs = Object.entries({ ...schemas, Problem: problemSchema });
  const text = { type: "string" };
  return {
    securitySchemes: { token: tokenScheme },
    schemas: Object.fromEntries([
      ...inputs,
      ...outputs.map(([name, schema]) => [name, schemaOf(schema, "output")] as const),
    ]),
    headers: {
      "x-correlation-id": { description: "The request's own or a new one", required: true, schema: text },
      ...Object.fromEntries(
        Object.entries({ ...problemHeaders, ...headers }).map(([name, { description, example }]) => [
          name,
          { description, schema: text, example },
        ]),
      ),
    },
    parameters: {
      "correlation-id": {
        ...{ name: "x-correlation-id", in: "header", required: false },
        description: "1 to 128 visible ASCII characters; goes with everything that the request sets off",
        schema: text,
      },
      traceparent: {
        ...{ name: "traceparent", in: "header", required: false },
        description: "W3C trace context",
        schema: text,
      },
    },
  };
};

/** The OpenAPI 3.1 document of an API, made from the same words by which its requests are checked. */
export const openApiOf = (api: ApiDescription): Json => {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of api.routes) {
    paths[route.path] ??= {};
    (paths[route.path] as Record<string, Json>)[route.method.toLowerCase()] = operationOf(route, api.scopeOf(route));
  }
  return { openapi: "3.1.1", info: api.info, paths, components: componentsOf(api) };
};
