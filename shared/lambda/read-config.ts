import type * as z from "zod";
import { SluiceError } from "../messaging/sluice-error.ts";
import { linkedSettings } from "./linked-settings.ts";

type Issue = { readonly code: string; readonly path: readonly PropertyKey[]; readonly message: string };

/** Names the variable and what is wrong with it, never its value: it may be a secret. */
const say = ({ code, path, message }: Issue, present: Readonly<Record<string, unknown>>): string => {
  const name = path.join(".");
  if (present[name] !== undefined) return `${name}: ${message}`;
  return code === "custom" ? `${name} ${message}` : `${name} is not set`;
};

/**
 * Reads a function's configuration once, at start: from the environment, and what is not there from what is linked.
 * @param schema an object schema whose keys are the environment variables; its shape is what the stacks must give
 * @throws SluiceError `configuration-invalid` naming every variable that is missing or wrong: a refused start
 */
export const readConfig = <Schema extends z.ZodObject>(
  schema: Schema,
  environment: Readonly<Record<string, string | undefined>>,
): z.infer<Schema> => {
  const given = Object.entries(environment).filter(([, value]) => value !== undefined && value !== "");
  const present = { ...linkedSettings(environment), ...Object.fromEntries(given) };
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => say(issue, present));
  throw new SluiceError("configuration-invalid", `configuration: ${wrong.join("; ")}`, {
    hint: "set these environment variables; `npm start` and the stacks set or link them all",
  });
};
