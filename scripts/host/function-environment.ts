import { join } from "node:path";
import { userUrl } from "../../shared/postgres/database-user.ts";
import type { StackAddresses } from "../stack/index.ts";
import type { PartName } from "../stack/part.ts";
import { partSettings } from "../stack/settings.ts";
import type { FunctionSpec } from "./functions.ts";

/** Addresses of the parts that the functions at hand need; the others may be missing. */
export type HostAddresses = Partial<StackAddresses>;

export const addressKeys: Readonly<Record<PartName, keyof StackAddresses>> = {
  postgres: "databaseUrl",
  kafka: "kafkaBrokers",
  opensearch: "openSearchUrl",
};

/** How a part is to be spoken to: passed on, when it is set, to a function that is given the part's address. */
const mannersOf: Readonly<Record<PartName, readonly string[]>> = {
  postgres: [],
  kafka: ["KAFKA_AUTH", "KAFKA_TLS", "KAFKA_CA_FILE"],
  opensearch: ["OPENSEARCH_AUTH"],
};

/** What any program may need of a machine. Nothing else of the host's environment reaches a function by itself. */
const ofTheMachine = ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH"] as const;

/** Settings of every function, passed on when they are set. */
const ofEveryFunction = ["LOG_LEVEL", "POWERTOOLS_LOG_LEVEL"] as const;

/**
 * Of the database, each function gets the address with its own user:
 * docs/decisions/database-users.md.
 */
const addressOf = (spec: FunctionSpec, part: PartName, addresses: HostAddresses): string | undefined => {
  const address = addresses[addressKeys[part]];
  return part !== "postgres" || spec.ownsDatabase || !address ? address : userUrl(address, spec.name);
};

/**
 * The whole environment of a function's process: like Lambda's, and nothing that the spec does not give.
 * @param own the host's environment
 */
export const functionEnvironment = (
  spec: FunctionSpec,
  addresses: HostAddresses,
  own: Readonly<Record<string, string | undefined>>,
): Record<string, string> => {
  const manners = spec.needs.flatMap((part) => mannersOf[part]);
  const passed = [...ofTheMachine, ...ofEveryFunction, ...manners].map((name) => [name, own[name]]);
  const parts = spec.needs.map((part) => [partSettings[part].addressVariable, addressOf(spec, part, addresses)]);
  const asked = Object.entries(own).filter(([name]) => spec.passes.some((beginning) => name.startsWith(beginning)));
  const lambda = {
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_REGION: own["AWS_REGION"] ?? "us-east-1",
    NODE_COMPILE_CACHE: join(import.meta.dirname, "../../.sluice/cache/compiled"), // a start takes half the time
  };
  const entries = [
    ...passed,
    ...Object.entries(lambda),
    ...parts,
    ...Object.entries(spec.environment),
    ...Object.entries(spec.peers ?? {}),
    ...asked,
  ];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
};

/** The parts that these functions need and whose addresses are not among those given. */
export const missingParts = (specs: readonly FunctionSpec[], addresses: HostAddresses): readonly PartName[] => [
  ...new Set(specs.flatMap(({ needs }) => needs).filter((part) => addresses[addressKeys[part]] === undefined)),
];
