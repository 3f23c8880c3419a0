import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { type PartName, partNames } from "./part.ts";

type PartSettings = {
  /** The variable that gives the address of a part that runs elsewhere. */
  readonly addressVariable: string;
  readonly portVariable: string;
  readonly usualPort: number;
};

export const partSettings: Readonly<Record<PartName, PartSettings>> = {
  postgres: { addressVariable: "DATABASE_URL", portVariable: "SLUICE_POSTGRES_PORT", usualPort: 54320 },
  kafka: { addressVariable: "KAFKA_BROKERS", portVariable: "SLUICE_KAFKA_PORT", usualPort: 9092 },
  opensearch: { addressVariable: "OPENSEARCH_URL", portVariable: "SLUICE_OPENSEARCH_PORT", usualPort: 9201 },
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws SluiceError `bad-port` for what is not a port. */
export const parsePort = (text: string, source: string): number => {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new SluiceError("bad-port", `${source} is "${text}", not a port from 1 to 65535`);
};

/** The ports that somebody set in the environment. */
export const portsSet = (env: Environment): Partial<Record<PartName, number>> =>
  Object.fromEntries(
    partNames.flatMap((part) => {
      const variable = partSettings[part].portVariable;
      const text = env[variable];
      return text ? [[part, parsePort(text, variable)]] : [];
    }),
  );

/** The addresses of parts that run elsewhere. An empty variable gives none. */
export const addressesGiven = (env: Environment): Partial<Record<PartName, string>> =>
  Object.fromEntries(
    partNames.flatMap((part) => {
      const address = env[partSettings[part].addressVariable];
      return address ? [[part, address]] : [];
    }),
  );
