export { startKafka } from "./kafka.ts";
export { startOpenSearch } from "./opensearch.ts";
export type { EmbeddedPart, PartName, PartOptions, StackAddresses } from "./part.ts";
export { startPostgres } from "./postgres.ts";
export { provision } from "./provision.ts";
export { type RunningStack, type UpOptions, upStack } from "./up-stack.ts";
