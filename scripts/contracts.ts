import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { messages } from "../shared/catalogue/messages.ts";
import { topics } from "../shared/catalogue/topics.ts";
import { reservationStatesPage } from "../shared/domain/reservations/reservation-states-page.ts";
import { asyncApiDocument } from "../shared/messaging/asyncapi.ts";
import { breaksOf, release } from "../shared/messaging/schema-compatibility.ts";

/**
 * `npm run contracts`: writes docs/asyncapi.json and docs/reservation-states.md, and adds the present schemas to
 * docs/released-schemas.json. `--check` writes nothing: it fails when a schema breaks a released one, or a document is stale.
 */
const docs = join(import.meta.dirname, "..", "docs");
const text = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const read = (file: string): string => {
  try {
    return readFileSync(join(docs, file), "utf8");
  } catch {
    return "{}\n";
  }
};

const released = JSON.parse(read("released-schemas.json"));
const info = {
  title: "sluice",
  version: "1.0.0",
  description: "Messages of the catalogue: CloudEvents 1.0 in Kafka's binary content mode.",
};
const wanted = {
  "asyncapi.json": text(asyncApiDocument(info, messages, Object.values(topics))),
  "released-schemas.json": text(release(released, messages)),
  "reservation-states.md": reservationStatesPage(),
};

const breaks = breaksOf(released, messages);
const stale = Object.entries(wanted).filter(([file, content]) => read(file) !== content);
for (const line of breaks) console.error(`incompatible: ${line}`);
if (breaks.length > 0) console.error("hint: raise the message's version and give it an upcaster");
else if (!process.argv.includes("--check"))
  for (const [file, content] of stale) writeFileSync(join(docs, file), content);
else for (const [file] of stale) console.error(`docs/${file} is not what the code says; hint: npm run contracts`);
process.exitCode = breaks.length > 0 || (process.argv.includes("--check") && stale.length > 0) ? 1 : 0;
