import type { CloudEvent } from "../messaging/cloud-event.ts";
import { readEnvelope, readMessage } from "../messaging/decode-record.ts";
import type { InboundRecord } from "../messaging/record.ts";
import { SluiceError } from "../messaging/sluice-error.ts";
import type { ProjectedItem, Projection } from "./projection.ts";

export type ItemEntry<Item> = {
  readonly kind: "item";
  readonly record: InboundRecord;
  readonly event: CloudEvent;
  readonly item: Item;
};

/** A record of a batch as the projection sees it. */
export type Entry<Item> =
  | ItemEntry<Item>
  | { readonly kind: "ignored"; readonly record: InboundRecord; readonly event: CloudEvent }
  | { readonly kind: "poison"; readonly record: InboundRecord; readonly fault: SluiceError };

/** The envelope must tell the same as the data: ordering and tombstones rest on the one, readers on the other. */
const checkItem = (event: CloudEvent, { id, version }: ProjectedItem): void => {
  if (event.subject !== id)
    throw new SluiceError("wrong-subject", `ce_subject ${event.subject} is not the data's ${id}`);
  if (event.sequence !== String(version))
    throw new SluiceError("wrong-sequence", `ce_sequence ${event.sequence ?? "(none)"} is not the data's ${version}`);
};

const decode = <Item extends ProjectedItem>(projection: Projection<Item>, record: InboundRecord): Entry<Item> => {
  const { registry } = projection;
  const { event, definition } = readEnvelope(registry, record);
  if (!projection.consumes.has(definition.type)) return { kind: "ignored", record, event };
  const item = projection.toItem(readMessage(registry, event, record));
  checkItem(event, item);
  return { kind: "item", record, event, item };
};

/** Decodes every record. What cannot be decoded comes out as poison with its reason as the fault's code; nothing is thrown. */
export const decodeBatch = <Item extends ProjectedItem>(
  projection: Projection<Item>,
  records: readonly InboundRecord[],
): readonly Entry<Item>[] =>
  records.map((record) => {
    try {
      return decode(projection, record);
    } catch (error) {
      const fault =
        error instanceof SluiceError
          ? error
          : new SluiceError("undecodable", String((error as Error)?.message ?? error), { cause: error });
      return { kind: "poison", record, fault };
    }
  });
