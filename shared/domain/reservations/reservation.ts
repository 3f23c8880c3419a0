import * as z from "zod";
import { idSchema } from "../products/product.ts";
import { quantitySchema } from "../products/product-commands.ts";

export const reservationIdSchema = idSchema;

export const reservationLineSchema = z.object({ productId: idSchema, quantity: quantitySchema });
export type ReservationLine = z.infer<typeof reservationLineSchema>;

/** 1 to 50 lines, each of another product. */
export const reservationLinesSchema = z
  .array(reservationLineSchema)
  .min(1)
  .max(50)
  .superRefine((lines, context) => {
    const seen = new Set<string>();
    for (const [index, { productId }] of lines.entries()) {
      if (seen.has(productId))
        context.addIssue({
          code: "custom",
          path: [index, "productId"],
          message: "is on another line, too; add up the quantities",
          params: { problem: "duplicate-product" },
        });
      seen.add(productId);
    }
  });

export const reservationStates = [
  "placed",
  "reserving",
  "reserved",
  "confirmed",
  "rejected",
  "cancelled",
  "expired",
] as const;
export type ReservationState = (typeof reservationStates)[number];

/** Those after which nothing happens. */
export const finalStates: ReadonlySet<ReservationState> = new Set(["confirmed", "rejected", "cancelled", "expired"]);

/** A reservation's full state: the aggregate, and the data of every `reservation.*` event. */
export const reservationSchema = z.object({
  id: reservationIdSchema,
  state: z.enum(reservationStates),
  lines: z.array(
    reservationLineSchema.extend({
      outcome: z.enum(["pending", "reserved", "refused"]),
      reason: z.string().optional().meta({ description: "Why it was refused" }),
    }),
  ),
  version: z.int().min(1).meta({ description: "Counts the states that it has been in, from 1" }),
  placedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().meta({ description: "When it ends by itself, unless it is confirmed before" }),
  updatedAt: z.iso.datetime(),
  history: z.array(z.object({ state: z.enum(reservationStates), at: z.iso.datetime() })),
});
export type Reservation = z.infer<typeof reservationSchema>;

/** Data of the commands on a reservation as they come by Kafka; `id` is the reservation's. */
export const reservationCommandSchemas = {
  "reservation.place": z.object({
    id: reservationIdSchema,
    lines: reservationLinesSchema,
    placedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  }),
  "reservation.record-line": z.object({
    id: reservationIdSchema,
    line: z.int().min(0).max(49),
    outcome: z.enum(["reserved", "refused"]),
    reason: z.string().optional(),
  }),
  "reservation.expire": z.object({ id: reservationIdSchema }),
} as const;
