import { z } from "zod";
import { ProblemError } from "../../http/problem.ts";
import { notFound } from "./refusals.ts";

const idSchema = z.uuid({ version: "v7" });

/** The path parameter of routes on one product. */
export const idParameter = { id: { description: "The product's id, a UUIDv7", schema: idSchema } };

/** @throws ProblemError 404 for what is no id of a product: nothing can be there */
export const readProductId = (text: string | undefined): string => {
  const { data, success } = idSchema.safeParse(text?.toLowerCase());
  if (!success) throw new ProblemError(notFound());
  return data;
};

/** The request header of routes that change one product. */
export const ifMatchHeader = {
  name: "If-Match",
  required: true,
  description: "The ETag that the change is based on, several of them, or *",
  example: '"1"',
};
