import { LambdaClient } from "@aws-sdk/client-lambda";
import type { Context } from "aws-lambda";
import { commands } from "../../scripts/sluice/commands.ts";
import { deadline } from "../../shared/lambda/deadline.ts";
import { eventSourceMapping } from "../../shared/lambda/event-source-mapping.ts";
import { readConfig } from "../../shared/lambda/read-config.ts";
import { createObservability, observed } from "../../shared/observability/observed.ts";
import { isPaused } from "../../shared/operations/pauses/is-paused.ts";
import { connectDatabase } from "../../shared/postgres/database-settings.ts";
import { operationsConfig, operationsEvent } from "./config.ts";
import { runCommand } from "./run-command.ts";
import { stageTarget } from "./stage-target.ts";
import { withoutExecutions } from "./without-executions.ts";

const name = "operations";
const config = readConfig(operationsConfig, process.env);
const observability = createObservability(name);
const client = new LambdaClient({});
const db = connectDatabase(config, { max: 1, applicationName: name });
const mapping = eventSourceMapping({
  client,
  functions: { "product-event-consumer": config.PRODUCT_EVENT_CONSUMER_FUNCTION },
  isPaused: (functionName) => isPaused(db, functionName),
});
const known = withoutExecutions(commands);

/** Runs one command of the tool for `sluice --stage`: what it writes is what the tool itself would have written. */
export const handler = observed(observability, (event: unknown, context: Context) => {
  const asked = operationsEvent.parse(event);
  const until = deadline(context, Date.now(), 3_000);
  const target = stageTarget({ config, client, mapping, files: asked.files, until });
  return runCommand({ commands: known, targetOf: () => target }, asked, until);
});
