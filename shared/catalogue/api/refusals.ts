import type { Refused } from "../../domain/decision.ts";
import type { BrokenRule, ProductRefusal } from "../../domain/products/product-decision.ts";
import { etagOf } from "../../http/etag.ts";
import { type Problem, pointerTo } from "../../http/problem.ts";
import { problem } from "../../http/problem-kinds.ts";
import type { ProblemSpec } from "../../http/route.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";

export const skuTaken: ProblemSpec = { kind: "sku-taken", status: 409, title: "The sku belongs to another product" };

/** An archived product is not there, as for every reader. */
export const notFound = (): Problem => problem("not-found", "there is no such product");

const invalidChange = (rules: readonly BrokenRule[]): Problem => {
  const errors = rules.map(({ path, message }) => ({ pointer: pointerTo(path), detail: message }));
  return problem("invalid-request", "the product would not be valid after the change", { errors });
};

/** A refusal in HTTP's words. */
export const problemOf = ({ reason, detail }: Refused<ProductRefusal>): Problem => {
  switch (reason) {
    case "not-found":
    case "archived":
      return notFound();
    case "sku-taken":
      return {
        ...skuTaken,
        detail: `another product has the sku ${detail["sku"]}`,
        errors: [{ pointer: "/sku", detail: "belongs to another product" }],
      };
    case "version-mismatch":
      return problem("version-mismatch", `the product has version ${detail["actual"]} now; read it and try again`, {
        headers: { etag: etagOf(detail["actual"] as number) },
      });
    case "invalid-change":
      return invalidChange(detail["rules"] as readonly BrokenRule[]);
    case "already-exists":
      throw new SluiceError("id-taken", "a new product got an id that is there already", { canRetry: true });
  }
};
