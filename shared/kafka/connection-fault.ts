import { SluiceError } from "../messaging/sluice-error.ts";

/** Node's codes for a certificate that is not to be trusted: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const untrusted = new Set([
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** The listener wants no authentication, or none of this kind. */
const isOtherListener = (fault: Error): boolean =>
  fault.name === "KafkaJSSASLAuthenticationError" || ("type" in fault && fault.type === "ILLEGAL_SASL_STATE");

/**
 * Names what another try at a connection will not change: `kafka-auth-refused`, `kafka-untrusted`. Anything else stays what it is:
 * a broker that is away is expected, and is named by whoever wanted it.
 */
export const toConnectionFault = (fault: unknown, broker: string): unknown => {
  if (!(fault instanceof Error) || fault instanceof SluiceError) return fault;
  if (isOtherListener(fault))
    return new SluiceError("kafka-auth-refused", `${broker} refuses us: ${fault.message}`, {
      cause: fault,
      hint: "is this the listener that KAFKA_AUTH is meant for? MSK has one for IAM at port 9098",
    });
  if ("code" in fault && untrusted.has(String(fault.code)))
    return new SluiceError("kafka-untrusted", `${broker} has a certificate that is not trusted: ${fault.message}`, {
      cause: fault,
      hint: "KAFKA_CA_FILE names the certificates that sign the brokers'; MSK's need none",
    });
  return fault;
};
