import type * as z from "zod";
import { SluiceError } from "../messaging/sluice-error.ts";

/**
 * Reads a function's configuration once, at start.
 * @param schema an object schema whose keys are the environment variables; its shape is what the stacks must give
 * @throws SluiceError `configuration-invalid` naming every variable that is missing or wrong: a refused start
 */
export const readConfig = <Schema extends z.ZodObject>(
  schema: Schema,
  environment: Readonly<Record<string, string | undefined>>,
): z.infer<Schema> => {
  const present = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => {
    const name = issue.path.join(".");
    return present[name] === undefined ? `${name} is not set` : `${name}: ${issue.message}`;
  });
  throw new SluiceError("configuration-invalid", `configuration: ${wrong.join("; ")}`, {
    hint: "set these environment variables; `npm start` and the stacks set them all",
  });
};
