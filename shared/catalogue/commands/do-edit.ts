import type { ProductCommand } from "../../domain/products/product-decision.ts";
import type { Trace } from "../../messaging/cloud-event.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";
import { violatedConstraint } from "../../postgres/fault.ts";
import type { Transaction } from "../../postgres/queryable.ts";
import { changeProduct, type ProductWriteParts } from "../change-product.ts";
import { skuConstraint } from "../update-product.ts";
import type { Done } from "./done.ts";

/**
 * Creates, changes or archives a product as the API does.
 * @throws SluiceError `sku-taken-meanwhile` (retriable): another transaction took the sku at this moment; the next try sees it and refuses
 */
export const doEdit = async (
  tx: Transaction,
  command: ProductCommand,
  trace: Trace,
  parts: ProductWriteParts,
): Promise<Done> => {
  const outcome = await changeProduct(tx, command, trace, parts).catch((fault: unknown) => {
    if (violatedConstraint(fault) !== skuConstraint) throw fault;
    throw new SluiceError("sku-taken-meanwhile", "another product was given the sku", { canRetry: true, cause: fault });
  });
  return { told: [], ...(outcome.outcome === "refused" && { refusal: outcome }) };
};
