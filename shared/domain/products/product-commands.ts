import * as z from "zod";
import { idSchema, newProductSchema, priceSchema, productPatchSchema } from "./product.ts";

// As the API takes them, but open: a producer may be ahead of us, and what is unknown here is left out.
const fields = z.object({ ...newProductSchema.shape, price: priceSchema });
const patch = z.object({ ...productPatchSchema.shape, price: priceSchema.partial().optional() });

/** Who changes a product can name the version that it must have; any other is refused. */
const expectedVersion = z.int().min(1).optional();

/** The line of a reservation: its place in the reservation's list, from 0. Together they name a hold. */
const holdSchema = z.object({
  id: idSchema,
  reservationId: idSchema,
  line: z.int().min(0).max(49),
});

/** Units of one line, or of one adjustment. */
export const quantitySchema = z.int().min(1).max(1_000_000);

/** Data of the commands on a product as they come by Kafka; `id` is the product's. */
export const productCommandSchemas = {
  "product.create": z.object({ id: idSchema, fields }),
  "product.change": z.object({ id: idSchema, patch, expectedVersion }),
  "product.archive": z.object({ id: idSchema, expectedVersion }),
  "product.adjust-stock": z.object({
    id: idSchema,
    delta: z
      .int()
      .min(-1_000_000_000)
      .max(1_000_000_000)
      .refine((delta) => delta !== 0, "must not be 0")
      .meta({ description: "Units that come in, or go out where it is negative" }),
    expectedVersion,
  }),
  "product.reserve-stock": holdSchema.extend({ quantity: quantitySchema }),
  "product.release-stock": holdSchema,
  "product.commit-stock": holdSchema,
} as const;
