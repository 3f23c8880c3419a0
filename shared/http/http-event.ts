import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type { RequestTrace } from "./trace.ts";

/** A request in API Gateway's payload format 2.0, with what `traced` has added, and the path of the route that has it. Header names are in lower case. */
export type HttpEvent = APIGatewayProxyEventV2 & { trace?: RequestTrace; route?: string };

type Authorized = { readonly authorizer?: { readonly jwt?: { readonly claims?: { readonly sub?: unknown } } } };

/** Who asks. The prefix keeps a subject from passing for the anonymous. */
export const callerOf = (event: HttpEvent): string => {
  const subject = (event.requestContext as Authorized).authorizer?.jwt?.claims?.sub;
  return typeof subject === "string" ? `jwt:${subject}` : "anonymous";
};
