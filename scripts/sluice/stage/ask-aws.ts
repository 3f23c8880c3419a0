import { SluiceError } from "../../../shared/messaging/sluice-error.ts";

type AwsFault = {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
};

const denied =
  /^(AccessDenied|UnrecognizedClient|InvalidSignature|SignatureDoesNotMatch|ExpiredToken|InvalidClientTokenId)/;
const throttled = /^(Throttl|TooManyRequests|RequestLimitExceeded|EC2Throttled)/;
const away = new Set(["ECONNREFUSED", "ENOTFOUND", "ETIMEDOUT", "ECONNRESET", "EAI_AGAIN", "EHOSTUNREACH", "EPIPE"]);

const told = (stage: string, cause: AwsFault): SluiceError => {
  const { name, message, code = "" } = cause;
  if (/^(CredentialsProvider|TokenProvider)Error$/.test(name) || message.includes("Could not load credentials"))
    return new SluiceError("no-credentials", `stage ${stage}: there are no AWS credentials here`, {
      cause,
      hint: "AWS_PROFILE, `aws sso login`, or `npx sst shell --stage …` give them",
    });
  if (/^Region (is missing|not accepted)/.test(message))
    return new SluiceError("no-region", `stage ${stage}: no AWS region is set`, { cause, hint: "set AWS_REGION" });
  if (denied.test(name))
    return new SluiceError("no-access", `stage ${stage}: AWS refuses: ${message}`, {
      cause,
      hint: "whose credentials are these? `aws sts get-caller-identity` tells; docs/SECURITY.md names the permissions",
    });
  if (away.has(code) || name === "TimeoutError")
    return new SluiceError("aws-unavailable", `stage ${stage}: AWS cannot be reached: ${message || code}`, {
      cause,
      canRetry: true,
      hint: "is the network up? AWS_ENDPOINT_URL names another endpoint, an emulator's for instance",
    });
  const passes = throttled.test(name) || (cause.$metadata?.httpStatusCode ?? 0) >= 500;
  return new SluiceError("aws-fault", `stage ${stage}: ${name}: ${message}`, { cause, canRetry: passes });
};

/**
 * Asks AWS for something; its faults are one line and a hint.
 * @throws SluiceError `no-credentials`, `no-region`, `no-access`, `aws-unavailable`, `aws-fault`
 */
export const askAws = async <Answer>(stage: string, ask: () => Promise<Answer>): Promise<Answer> => {
  try {
    return await ask();
  } catch (fault) {
    if (fault instanceof SluiceError) throw fault;
    throw told(stage, fault as AwsFault);
  }
};
