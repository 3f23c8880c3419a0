import type { Context } from "aws-lambda";
import { readConfig } from "../../shared/lambda/read-config.ts";
import { timeLeft } from "../../shared/lambda/time-left.ts";
import { createObservability, observed } from "../../shared/observability/observed.ts";
import { createReplayMachine, type TaskEvent } from "../../shared/operations/replay-machine/replay-machine.ts";
import { connectDatabase } from "../../shared/postgres/database-settings.ts";
import { replayConfig } from "./config.ts";
import { withDrivers } from "./parts.ts";

const name = "replay";
const reserveMs = 20_000; // what is at work ends, and the lease is left to the next invocation
const config = readConfig(replayConfig, process.env);
const observability = createObservability(name);
const db = connectDatabase(config, { max: 3, applicationName: name });
const options = { config, db, ...observability };

/** A task of `replay.asl.json`: some steps of a rewind or a rebuild, as many as its time allows. */
export const handler = observed(observability, (event: TaskEvent, context: Context) =>
  withDrivers(options, context, (drivers) =>
    createReplayMachine({ ...observability, drivers })(event, timeLeft(context, reserveMs)),
  ),
);
