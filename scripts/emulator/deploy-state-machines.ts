import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { CreateStateMachineCommand } from "@aws-sdk/client-sfn";
import { stateMachineFiles } from "../package/function-folders.ts";
import { type Deployment, deployedName, functionArn, role } from "./deploy-functions.ts";

export type DeployedMachine = { readonly name: string; readonly arn: string };

/** `dlq-republish` is `${DlqRepublishFunctionArn}` in a definition. */
const placeholderOf = (functionName: string): string => {
  const words = functionName.split("-").map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `\${${words.join("")}FunctionArn}`;
};

const deployMachine = async (
  file: string,
  functionNames: readonly string[],
  { clients, stage, dist }: Deployment,
): Promise<DeployedMachine> => {
  const name = basename(file, ".asl.json");
  const definition = functionNames.reduce(
    (text, functionName) => text.replaceAll(placeholderOf(functionName), functionArn(stage, functionName)),
    readFileSync(join(dist, basename(file)), "utf8"),
  );
  const { stateMachineArn = "" } = await clients.stepFunctions.send(
    new CreateStateMachineCommand({ name: deployedName(stage, name), definition, roleArn: role, type: "STANDARD" }),
  );
  return { name, arn: stateMachineArn };
};

/** The state machines as the package has them, with the functions that they call. */
export const deployStateMachines = (
  functionNames: readonly string[],
  deployment: Deployment,
): Promise<readonly DeployedMachine[]> =>
  Promise.all(stateMachineFiles().map((file) => deployMachine(file, functionNames, deployment)));
