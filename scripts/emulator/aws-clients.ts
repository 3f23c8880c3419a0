import { LambdaClient } from "@aws-sdk/client-lambda";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SSMClient } from "@aws-sdk/client-ssm";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import {
  placeholderCredentials as credentials,
  placeholderRegion as region,
} from "../host/lambda-api/lambda-environment.ts";

export type AwsClients = ReturnType<typeof emulatorClients>;

export const emulatorClients = (endpoint: string) => {
  const common = { endpoint, region, credentials };
  return {
    /** A function may take its 14 minutes, and nothing is sent twice. */
    lambda: new LambdaClient({ ...common, maxAttempts: 1, requestHandler: { requestTimeout: 0 } }),
    stepFunctions: new SFNClient(common),
    parameters: new SSMClient(common),
    /**
     * The two services of which a deployment needs one call each, without an SDK client for them. An emulator knows a service by the
     * scope of the credentials and checks no signature.
     * @throws SluiceError `emulator-refused`
     */
    call: async (service: string, method: string, path: string, body: unknown): Promise<Record<string, unknown>> => {
      const scope = `${credentials.accessKeyId}/20260101/${region}/${service}/aws4_request`;
      const answer = await fetch(`${endpoint}${path}`, {
        method,
        headers: {
          "content-type": "application/json",
          authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
        },
        body: JSON.stringify(body),
      });
      const text = await answer.text();
      if (!answer.ok)
        throw new SluiceError("emulator-refused", `${service}: ${method} ${path} answered ${answer.status}: ${text}`);
      return JSON.parse(text);
    },
  };
};
