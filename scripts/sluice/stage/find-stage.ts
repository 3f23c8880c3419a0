import type { SSMClient } from "@aws-sdk/client-ssm";
import { SluiceError } from "../../../shared/messaging/sluice-error.ts";
import { askAws } from "./ask-aws.ts";

/** A deployed stage, as its SSM parameters under `/sluice/NAME/` tell of it. */
export type Stage = {
  readonly name: string;
  /** Names or ARNs of the functions, by their folders. Throws SluiceError `stage-incomplete`. */
  readonly functionOf: (folder: string) => string;
  /** ARN of the machine beside a function. Throws SluiceError `stage-incomplete`. */
  readonly stateMachineOf: (folder: "replay" | "dlq-republish") => string;
};

const parametersUnder = async (client: SSMClient, path: string): Promise<ReadonlyMap<string, string>> => {
  const { paginateGetParametersByPath } = await import("@aws-sdk/client-ssm");
  const found = new Map<string, string>();
  for await (const { Parameters = [] } of paginateGetParametersByPath({ client }, { Path: path, Recursive: true }))
    for (const { Name = "", Value = "" } of Parameters) found.set(Name.slice(path.length + 1), Value);
  return found;
};

/**
 * Finds a stage by the parameters that its deployment has written.
 * @throws SluiceError `unknown-stage`, and see `askAws`
 */
export const findStage = async (name: string): Promise<Stage> => {
  if (!/^[a-zA-Z0-9-]+$/.test(name)) throw new SluiceError("usage", `${name} is no stage's name`);
  const path = `/sluice/${name}`;
  const { SSMClient } = await import("@aws-sdk/client-ssm");
  const parameters = await askAws(name, async () => {
    const client = new SSMClient({});
    try {
      return await parametersUnder(client, path);
    } finally {
      client.destroy();
    }
  });
  if (parameters.size === 0)
    throw new SluiceError("unknown-stage", `there is no stage ${name}: no parameter lies under ${path}/`, {
      hint: "is it the right account and region? `npx sst deploy --stage …` makes a stage; AWS_REGION names another region",
    });
  const parameter = (key: string): string => {
    const value = parameters.get(key);
    if (value !== undefined) return value;
    throw new SluiceError("stage-incomplete", `stage ${name} has no parameter ${path}/${key}`, {
      hint: "it was deployed by another version, or not to its end: deploy it anew",
    });
  };
  return {
    name,
    functionOf: (folder) =>
      folder === "operations" ? parameter("operations-function") : parameter(`functions/${folder}`),
    stateMachineOf: (folder) => parameter(`${folder}-state-machine`),
  };
};
