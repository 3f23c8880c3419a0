import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect } from "vitest";
import type { Called } from "../../../testing/http-call.ts";

type Content = { schema: { $ref: string }; examples?: Record<string, { value: { type: string } }> };
type Described = { content?: Record<string, Content>; headers?: Record<string, unknown> };
export type Operation = { operationId: string; responses: Record<string, Described> };

/** Holds answers to an OpenAPI document; `seen` has what was met, as `operationId status`. */
export type DocumentCheck = {
  readonly seen: ReadonlySet<string>;
  check(asked: string, answer: Called): Called;
};

// biome-ignore lint/suspicious/noExplicitAny: the document is what is tested
export const documentCheck = (document: any): DocumentCheck => {
  const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true }));
  ajv.addSchema({ ...document, $id: "api" });

  /** The operation that a request is for; HEAD is described by GET. */
  const operationOf = (asked: string): Operation => {
    const [method = "", target = ""] = asked.split(" ");
    const path = target.split("?")[0] as string;
    const templates = Object.keys(document.paths).sort((a, b) => b.length - a.length);
    const template = templates.find((each) => new RegExp(`^${each.replace(/\{[^/]+\}/g, "[^/]+")}$`).test(path));
    return document.paths[template ?? ""][method.toLowerCase().replace("head", "get")];
  };

  const validatorOf = (ref: string): ValidateFunction => ajv.getSchema(`api${ref}`) as ValidateFunction;

  /** What was met on the walk: `operationId status`. */
  const seen = new Set<string>();

  /** Holds one answer to the document: its status is known, its headers are there, its body is of the type and schema named. */
  const check = (asked: string, answer: Called): Called => {
    const operation = operationOf(asked);
    const where = `${asked}: ${answer.status} ${answer.text.slice(0, 300)}`;
    const described = operation.responses[answer.status];
    expect(described, `${where} is not described`).toBeDefined();
    seen.add(`${operation.operationId} ${answer.status}`);
    // A status may stand for several problems, and for health; only some of them say when to try again.
    const names = Object.keys(described?.headers ?? {}).filter((name) => name !== "retry-after");
    for (const name of names) expect(answer.headers[name], `${where} lacks ${name}`).toBeDefined();
    for (const name of Object.keys(answer.headers))
      expect(
        [...names, "retry-after", "content-type", "cache-control"],
        `${where}: ${name} is not described`,
      ).toContain(name);
    const type = answer.headers["content-type"];
    if (answer.text === "") {
      expect(type === undefined || asked.startsWith("HEAD"), `${where}: no body but a type`).toBe(true);
      return answer;
    }
    const { schema: { $ref: schema = undefined } = {}, examples } = described?.content?.[type ?? ""] ?? {};
    if (examples !== undefined)
      expect(
        Object.values(examples).map(({ value }) => value.type),
        `${where}: this kind is not described`,
      ).toContain(answer.body.type);
    expect(schema, `${where}: ${type} is not described`).toBeDefined();
    const validate = validatorOf(schema ?? "");
    expect(validate(answer.body), `${where}: ${ajv.errorsText(validate.errors)}`).toBe(true);
    return answer;
  };

  return { seen, check };
};
