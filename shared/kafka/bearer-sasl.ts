import type { AuthenticationProviderArgs, Mechanism } from "kafkajs";
import { SluiceError } from "../messaging/sluice-error.ts";

/** A bearer token, and until when it is valid, in milliseconds since 1970. */
export type BearerToken = { readonly value: string; readonly expiresAt: number };

/** kafkajs hands on what a mechanism says as Kafka's BYTES: the length goes first. */
const LENGTH_BYTES = 4;

const toBytes = (text: string): Buffer => {
  const bytes = Buffer.alloc(LENGTH_BYTES + Buffer.byteLength(text));
  bytes.writeInt32BE(bytes.length - LENGTH_BYTES);
  bytes.write(text, LENGTH_BYTES);
  return bytes;
};

const firstMessage = (token: BearerToken) => ({
  // RFC 7628, section 3.1: no authorization identity, and fields that end with a control-A.
  encode: async () => toBytes(`n,,\u0001auth=Bearer ${token.value}\u0001\u0001`),
});

/** An empty answer is a welcome. A refusal is JSON that says why, sent as if it were a challenge: RFC 7628, section 3.2.2. */
const readRefusal = {
  decode: async (bytes: Buffer) => bytes.subarray(LENGTH_BYTES),
  parse: async (answer: Buffer) => answer.toString("utf8"),
};

const refused = (broker: string, why: string, cause?: unknown): SluiceError =>
  new SluiceError("kafka-auth-refused", `${broker} refuses our token: ${why}`, {
    cause,
    hint: "on MSK the role needs kafka-cluster:Connect on the cluster; check the region, the clock and the credentials' expiry",
  });

const refusalOf = (broker: string, fault: unknown): unknown =>
  fault instanceof Error && "type" in fault && fault.type === "SASL_AUTHENTICATION_FAILED"
    ? refused(broker, fault.message, fault)
    : fault;

const authenticate = async (
  { host, port, saslAuthenticate }: AuthenticationProviderArgs,
  token: () => Promise<BearerToken>,
): Promise<void> => {
  const broker = `${host}:${port}`;
  const request = firstMessage(await token());
  const refusal = await saslAuthenticate({ request, response: readRefusal }).catch((fault: unknown) => {
    throw refusalOf(broker, fault);
  });
  if (refusal) throw refused(broker, refusal);
};

/**
 * SASL/OAUTHBEARER. A token is asked for by each connection, and again when the broker's session, which lasts as long as the
 * token (KIP-368), is about to end: kafkajs then authenticates anew on the living connection, ten seconds before.
 *
 * kafkajs's own mechanism of this name does not read the broker's answer: a refused token passes for a good one there, and
 * the next request breaks the connection, which looks like an outage.
 * @throws SluiceError `kafka-auth-refused`, from the request that needed the connection; nothing retries it
 */
export const bearerSasl = (token: () => Promise<BearerToken>): Mechanism => ({
  mechanism: "oauthbearer",
  authenticationProvider: (connection) => ({ authenticate: () => authenticate(connection, token) }),
});
