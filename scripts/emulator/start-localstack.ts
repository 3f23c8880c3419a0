import { dirname } from "node:path";
import { placeholderCredentials, placeholderRegion } from "../host/lambda-api/lambda-environment.ts";
import { type RunningEmulator, startEmulator } from "./start-emulator.ts";

export type LocalstackOptions = {
  readonly python: string;
  readonly stack: string;
  readonly port: number;
  /** Where the tasks of its state machines invoke their functions. */
  readonly lambdaEndpoint: string;
};

/**
 * Its Lambda cannot run outside Docker, so its interpreter invokes functions elsewhere. Only in
 * distributed mode do its inner clients take their endpoints from the environment, as boto does:
 * `localstack/aws/connect.py`, `get_service_endpoint`.
 */
const environmentOf = ({ python, port, lambdaEndpoint }: LocalstackOptions, folder: string) => ({
  PATH: `${dirname(python)}:/usr/local/bin:/usr/bin:/bin`,
  LANG: "C.UTF-8",
  HOME: folder,
  TMPDIR: folder,
  XDG_CACHE_HOME: folder,
  GATEWAY_LISTEN: `127.0.0.1:${port}`,
  GATEWAY_SERVER: "hypercorn", // the other one listens on all addresses, whatever GATEWAY_LISTEN says: `runtime/server/twisted.py`
  DISTRIBUTED_MODE: "1",
  AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
  AWS_ENDPOINT_URL_LAMBDA: lambdaEndpoint,
  AWS_ACCESS_KEY_ID: placeholderCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: placeholderCredentials.secretAccessKey,
  AWS_DEFAULT_REGION: placeholderRegion,
  SERVICES: "stepfunctions,ssm,sts,iam",
  STRICT_SERVICE_LOADING: "1",
  DNS_ADDRESS: "0", // no name server
  DISABLE_EVENTS: "1", // nothing is told to LocalStack's makers
  SKIP_SSL_CERT_DOWNLOAD: "1",
  DOCKER_HOST: "unix:///nonexistent.sock",
});

/**
 * Starts LocalStack without a container, for Step Functions and SSM.
 * @throws SluiceError `emulator-failed` with the place of its log
 */
export const startLocalstack = (options: LocalstackOptions): Promise<RunningEmulator> =>
  startEmulator({
    name: "LocalStack",
    module: "localstack.runtime.main",
    healthPath: "/_localstack/health",
    stack: options.stack,
    python: options.python,
    port: options.port,
    environment: (folder) => environmentOf(options, folder),
    graceMs: 500, // it holds nothing, and takes ten seconds to end by itself
  });
