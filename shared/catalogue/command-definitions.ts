import * as z from "zod";
import { idSchema } from "../domain/products/product.ts";
import { productCommandSchemas } from "../domain/products/product-commands.ts";
import { reservationCommandSchemas, reservationIdSchema } from "../domain/reservations/reservation.ts";
import type { MessageDefinition } from "../messaging/message-registry.ts";
import { topics } from "./topics.ts";

const schemas = { ...productCommandSchemas, ...reservationCommandSchemas };
type CommandType = keyof typeof schemas;

const summaries: Record<CommandType, string> = {
  "product.create": "Create a product under an id that the sender has made.",
  "product.change": "Change a product by a JSON merge patch.",
  "product.archive": "Archive a product.",
  "product.adjust-stock": "Add to a product's free units, or take from them.",
  "product.reserve-stock": "Hold units for a line of a reservation; the answer is a reservation.record-line.",
  "product.release-stock": "Free what is held for a line, and refuse it whatever comes later.",
  "product.commit-stock": "Take what is held for a line for good.",
  "reservation.place": "Set a reservation going; it is made where there is none yet.",
  "reservation.record-line": "What became of a line at its product.",
  "reservation.expire": "End a reservation if it is open after its deadline.",
};

/** `id` is the aggregate's that the command was for. The detail says what the reason alone does not, as plain JSON. */
const rejectionSchema = (idSchema: z.ZodType<string>) =>
  z.object({
    id: idSchema,
    command: z.uuid().meta({ description: "The event id of the command" }),
    reason: z.string(),
    detail: z.record(z.string(), z.unknown()).optional(),
  });
const rejectionSchemas = {
  product: rejectionSchema(idSchema),
  reservation: rejectionSchema(reservationIdSchema),
};

const commandOf = (type: CommandType): MessageDefinition => ({
  type,
  kind: "command",
  topic: topics.productCommands.name,
  summary: summaries[type],
  version: 1,
  schema: schemas[type],
});

const rejectionOf = (type: CommandType): MessageDefinition => ({
  type: `${type}-rejected`,
  kind: "event",
  unversioned: true,
  topic: topics.productEvents.name,
  summary: `A ${type} was refused for the reason given; nothing has changed.`,
  version: 1,
  schema: rejectionSchemas[type.startsWith("reservation.") ? "reservation" : "product"],
});

const types = Object.keys(schemas) as readonly CommandType[];

export const commandDefinitions: readonly MessageDefinition[] = types.map(commandOf);

/** What tells of a refusal: an event, as a refusal is an outcome like any other. */
export const rejectionDefinitions: readonly MessageDefinition[] = types.map(rejectionOf);
