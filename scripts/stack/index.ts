export { startKafka } from "./kafka.ts";
export type { EmbeddedPart, StackAddresses } from "./part.ts";
export { startPostgres } from "./postgres.ts";
export { provision } from "./provision.ts";
export { upStack } from "./up-stack.ts";
