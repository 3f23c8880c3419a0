import { pathIdSchema, readPathId } from "./path-id.ts";
import { notFound } from "./refusals.ts";

/** The path parameter of routes on one product. */
export const idParameter = { id: { description: "The product's id, a UUIDv7", schema: pathIdSchema } };

/** @throws ProblemError 404 for what is no id of a product */
export const readProductId = (text: string | undefined): string => readPathId(text, notFound);

/** The request header of routes that change one product. */
export const ifMatchHeader = {
  name: "If-Match",
  required: true,
  description: "The ETag that the change is based on, several of them, or *",
  example: '"1"',
};
