import type { Clock } from "../messaging/clock.ts";
import { SluiceError } from "../messaging/sluice-error.ts";
import type { BearerToken } from "./bearer-sasl.ts";

/** The AWS signer, loaded here and not before. A token is a signed URL: it is made without asking anybody. */
const sign = async (region: string): Promise<BearerToken> => {
  const { generateAuthToken } = await import("aws-msk-iam-sasl-signer-js");
  const { token, expiryTime } = await generateAuthToken({ region });
  return { value: token, expiresAt: expiryTime };
};

const unsigned = (cause: unknown): SluiceError =>
  new SluiceError("kafka-no-token", `no token for Kafka can be signed: ${(cause as Error).message}`, {
    cause,
    hint: "AWS credentials are needed: on Lambda the role gives them, elsewhere AWS_PROFILE or AWS_ACCESS_KEY_ID",
  });

/** A token of MSK's is valid for 15 minutes, or as long as the credentials are; it is used again for the first third of that. */
const USED_FOR = 1 / 3;

/**
 * Tokens by which MSK knows the role that we run as, each fresh enough for a long session: connections that open together
 * share one, and a later one gets another long before the first expires.
 * @throws SluiceError `kafka-no-token` without credentials
 */
export const iamTokens = (region: string, clock: Clock = Date.now, make = sign): (() => Promise<BearerToken>) => {
  let current: { readonly token: Promise<BearerToken>; until: number } | undefined;

  const renew = (now: number): Promise<BearerToken> => {
    const token = make(region).catch((cause: unknown) => {
      current = undefined;
      throw unsigned(cause);
    });
    const renewed = { token, until: Number.POSITIVE_INFINITY }; // while it is made, all wait for it
    token.then(
      ({ expiresAt }) => {
        renewed.until = now + (expiresAt - now) * USED_FOR;
      },
      () => {}, // heard by those who wait
    );
    current = renewed;
    return token;
  };

  return () => {
    const now = clock();
    return current !== undefined && now < current.until ? current.token : renew(now);
  };
};
