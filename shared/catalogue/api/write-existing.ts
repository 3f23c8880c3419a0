import { refuse } from "../../domain/decision.ts";
import type { Product } from "../../domain/products/product.ts";
import type { ArchiveProduct, ChangeProduct } from "../../domain/products/product-decision.ts";
import { ProblemError } from "../../http/problem.ts";
import type { RequestTrace } from "../../http/trace.ts";
import { violatedConstraint } from "../../postgres/fault.ts";
import { changeProduct } from "../change-product.ts";
import { skuConstraint } from "../update-product.ts";
import type { ApiParts } from "./api-parts.ts";
import { problemOf } from "./refusals.ts";

/**
 * Does a command on a product that is there, in one transaction. Answers the product after it.
 * @throws ProblemError for each refusal; nothing is written then
 */
export const writeExisting = async (
  parts: ApiParts,
  command: ChangeProduct | ArchiveProduct,
  trace: RequestTrace,
): Promise<Product> => {
  const outcome = await parts.db
    .transaction((tx) => changeProduct(tx, command, trace, parts))
    .catch((fault: unknown) => {
      // Two products were given the same sku at the same moment; the other one was first.
      if (violatedConstraint(fault) === skuConstraint && command.type === "product.change")
        return refuse("sku-taken", { sku: command.patch.sku });
      throw fault;
    });
  if (outcome.outcome === "refused") throw new ProblemError(problemOf(outcome));
  return outcome.product;
};
