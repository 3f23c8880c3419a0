import { command as dlqReplay } from "./dlq-replay.ts";

export const command = { ...dlqReplay, describe: "the old name of `dlq replay`: a dry run until --execute is given" };
