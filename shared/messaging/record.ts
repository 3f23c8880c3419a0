/** The value of a record header: CloudEvents attributes are UTF-8 text, `kafka_dlt-*` numbers are big-endian bytes. */
export type HeaderValue = string | Uint8Array;

/** A record to be written to Kafka. The value is sent as it is: text is never parsed on its way. */
export type OutboundRecord = {
  readonly topic: string;
  /** Decides the partition (Java-compatible murmur2), so that all records of one key stay in order. `null`: any partition. */
  readonly key: string | Uint8Array | null;
  readonly value: string | Uint8Array | null;
  /** In order; a name may repeat. */
  readonly headers: readonly (readonly [name: string, value: HeaderValue])[];
};

/** A record as a consumer got it: bytes untouched. */
export type InboundRecord = {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Milliseconds since 1970; with LogAppendTime, when the broker took it. */
  readonly timestamp: number;
  readonly timestampType: "CREATE_TIME" | "LOG_APPEND_TIME";
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly (readonly [name: string, value: Uint8Array])[];
};
