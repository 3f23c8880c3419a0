/** Where a client finds its first brokers; the cluster then names them all. */
export type BootstrapBrokers = {
  /** For messages: what to look at when none of them answers. */
  readonly name: string;
  /** `host:port` of some of the brokers. */
  get(): Promise<readonly string[]>;
  /** None of them answered: the next `get` looks anew. */
  forget(): void;
};

/** Brokers that are given one by one stay what they are; those of a cluster are asked for. */
export const bootstrapOf = (brokers: readonly string[] | BootstrapBrokers): BootstrapBrokers =>
  "get" in brokers ? brokers : { name: brokers.join(", "), get: async () => brokers, forget: () => {} };
