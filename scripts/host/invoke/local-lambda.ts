import type { FunctionSpec } from "../functions.ts";
import { lambdaEnvironment } from "../lambda-api/lambda-environment.ts";
import { startMappingEndpoint } from "../lambda-api/mapping-endpoint.ts";
import { pollersOfStack } from "../lambda-api/pollers.ts";

export type LocalLambda = { readonly environment: Readonly<Record<string, string>>; stop(): Promise<void> };

const arnOf = (name: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

/** For a function that looks at others through Lambda: the mappings of the hosts that run for the stack. All else is refused there. */
export const localLambda = async ({ peers }: FunctionSpec, stack: string): Promise<LocalLambda> => {
  if (peers === undefined) return { environment: {}, stop: async () => {} };
  const { url, stop } = await startMappingEndpoint({ emulator: undefined, arnOf, pollers: pollersOfStack(stack) });
  return { environment: lambdaEnvironment(url), stop };
};
