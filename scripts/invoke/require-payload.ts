import { SluiceError } from "../../shared/messaging/sluice-error.ts";

/** What a machine takes when it is given by hand; the tool writes the same. */
const examples: Readonly<Record<string, string>> = {
  replay: `{"kind":"rewind","order":{"actor":"ann","operation":"replay","request":{"groupId":"product-event-projection-group","topics":[],"target":{"kind":"to-earliest"}}}}`,
  "dlq-republish": `{"order":{"actor":"ann","topic":"dlq.product.events","target":"product.events","filter":{},"execute":true}}`,
};

/** @throws SluiceError `usage`: a state machine does nothing unless it is told what */
export const requirePayload = (machine: string): never => {
  throw new SluiceError("usage", `${machine} wants an order: --payload JSON, or --payload @FILE`, {
    hint: `for instance ${examples[machine] ?? "{}"}`,
  });
};
