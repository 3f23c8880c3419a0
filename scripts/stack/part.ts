/** What a stack is made of. */
export const partNames = ["postgres", "kafka", "opensearch"] as const;
export type PartName = (typeof partNames)[number];

/** How a part came to be there: its address was given, compose runs it, or it runs as a process of ours. */
export type Way = "given" | "docker" | "embedded";

export type Log = (line: string) => void;

/** Where the parts of a stack answer. */
export type StackAddresses = {
  /** `postgres://user:password@host:port/database` */
  readonly databaseUrl: string;
  /** `host:port`, several with commas between */
  readonly kafkaBrokers: string;
  /** `http://host:port` */
  readonly openSearchUrl: string;
};

/** A part that runs as a process of ours. */
export type EmbeddedPart = {
  /** What clients take: a URL for postgres and opensearch, `host:port` for kafka. */
  readonly address: string;
  readonly port: number;
  /** Of the process now running; another after `start`. */
  readonly pid: number;
  /** See `ProcessRef`. */
  readonly identity: string;
  /** Settles when the process now running ends. */
  readonly exited: Promise<unknown>;
  /** SIGKILL, as in a crash. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  /**
   * Stops it for good: nothing is left of it but its folder. A part in Docker loses its container,
   * network and data.
   */
  remove(): Promise<void>;
  /** Again after `kill` or `stop`, on the same port and data. Returns when it answers. */
  start(): Promise<void>;
  /** Lets it live on after this process. */
  release(): Promise<void>;
};

export type PartOptions = {
  /** The part's own folder: data, configuration and log. */
  readonly dir: string;
  /** A free one by default. */
  readonly port?: number | undefined;
  readonly log?: Log | undefined;
};
