import type { Context } from "aws-lambda";
import { hourlyReservationPurge } from "../../shared/catalogue/reservations/reservation-purge.ts";
import { sweepReservations } from "../../shared/catalogue/reservations/sweep-reservations.ts";
import { deadline } from "../../shared/lambda/deadline.ts";
import { readConfig } from "../../shared/lambda/read-config.ts";
import { createObservability, observed } from "../../shared/observability/observed.ts";
import { appendToOutbox } from "../../shared/outbox/append-to-outbox.ts";
import { connectDatabase } from "../../shared/postgres/database-settings.ts";
import { sweeperConfig } from "./config.ts";

const name = "reservation-sweeper";
const reserveMs = 5_000; // a batch takes some 20 ms; this is for a database that is slow
const config = readConfig(sweeperConfig, process.env);
const observability = createObservability(name);
const db = connectDatabase(config, { max: 1, applicationName: name });
const ports = { ...observability, db, appendToOutbox, clock: Date.now };
const purge = hourlyReservationPurge(ports);

/** Started each minute; asks for the end of every reservation whose deadline has passed. */
export const handler = observed(ports, async (_event: unknown, context: Context) => {
  const until = deadline(context, Date.now(), reserveMs);
  const report = await sweepReservations(ports, until);
  await purge(until);
  return report;
});
