import { type Access, apiRoutes } from "../../shared/catalogue/api/route-table.ts";
import type { FunctionSpec, FunctionTrigger } from "../host/functions.ts";
import { type Deployment, deployedName, functionArn, role } from "./deploy-functions.ts";

type Triggered<Kind extends FunctionTrigger["kind"]> = FunctionSpec & { readonly trigger: { readonly kind: Kind } };

const triggeredBy = <Kind extends FunctionTrigger["kind"]>(specs: readonly FunctionSpec[], kind: Kind) =>
  specs.filter((spec): spec is Triggered<Kind> => spec.trigger.kind === kind);

const MINUTE_MS = 60_000;

/** EventBridge Scheduler knows nothing shorter than a minute. Nothing is tried again: the next minute comes. */
const deploySchedule = async (
  spec: FunctionSpec & { readonly trigger: { readonly kind: "schedule" } },
  { clients, stage }: Deployment,
): Promise<void> => {
  const { everyMs, input } = spec.trigger as Extract<FunctionTrigger, { kind: "schedule" }>;
  const minutes = Math.max(1, Math.round(everyMs / MINUTE_MS));
  await clients.call("scheduler", "POST", `/schedules/${deployedName(stage, spec.name)}`, {
    ScheduleExpression: `rate(${minutes} ${minutes === 1 ? "minute" : "minutes"})`,
    FlexibleTimeWindow: { Mode: "OFF" },
    State: "ENABLED",
    Target: {
      Arn: functionArn(stage, spec.name),
      RoleArn: role,
      Input: JSON.stringify(input),
      RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
    },
  });
};

export const deploySchedules = async (specs: readonly FunctionSpec[], deployment: Deployment): Promise<void> => {
  await Promise.all(triggeredBy(specs, "schedule").map((spec) => deploySchedule(spec, deployment)));
};

/**
 * Who may call: those who bring a token of this issuer for this audience, with the scope of what
 * they ask for.
 */
export type TokenGuard = {
  readonly issuer: string;
  readonly audience: string;
  readonly scopes: Readonly<Record<Access, string>>;
};

type Post = (path: string, body: unknown) => Promise<Record<string, unknown>>;

/** As stacks/api.ts has it: the API's routes ask for a token, those of the probes are open. */
const guardWith = async (post: Post, apiId: unknown, guard: TokenGuard | undefined) => {
  if (guard === undefined) return () => ({});
  const { authorizerId } = await post(`/v2/apis/${apiId}/authorizers`, {
    name: "Tokens",
    authorizerType: "JWT",
    identitySource: ["$request.header.Authorization"],
    jwtConfiguration: { issuer: guard.issuer, audience: [guard.audience] },
  });
  return (routeKey: string) => {
    const route = apiRoutes.find((each) => each.routeKey === routeKey);
    if (route === undefined) return {};
    return { authorizationType: "JWT", authorizerId, authorizationScopes: [guard.scopes[route.access]] };
  };
};

/**
 * The HTTP API before its functions, payload format 2.0, with the routes that the stacks give it:
 * stacks/api.ts. Open to all, unless tokens guard it.
 * @returns where it answers: by path, as by host name some paths are the emulator's own
 */
export const deployHttpApi = async (
  specs: readonly FunctionSpec[],
  { clients, stage, endpoint }: Pick<Deployment, "clients" | "stage" | "endpoint">,
  guard?: TokenGuard,
): Promise<{ readonly url: string }> => {
  const post: Post = (path, body) => clients.call("apigateway", "POST", path, body);
  const { apiId } = await post("/v2/apis", { name: deployedName(stage, "http"), protocolType: "HTTP" });
  const guardOf = await guardWith(post, apiId, guard);
  for (const { name, trigger } of triggeredBy(specs, "http")) {
    const { integrationId } = await post(`/v2/apis/${apiId}/integrations`, {
      integrationType: "AWS_PROXY",
      integrationUri: functionArn(stage, name),
      payloadFormatVersion: "2.0",
      timeoutInMillis: 30_000,
    });
    const target = `integrations/${integrationId}`;
    for (const routeKey of (trigger as Extract<FunctionTrigger, { kind: "http" }>).routeKeys)
      await post(`/v2/apis/${apiId}/routes`, { routeKey, target, ...guardOf(routeKey) });
  }
  await post(`/v2/apis/${apiId}/stages`, { stageName: "$default", autoDeploy: true });
  return { url: `${endpoint}/_aws/execute-api/${apiId}/$default` };
};
