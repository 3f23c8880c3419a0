import type { ProductCommand } from "../../domain/products/product-decision.ts";
import type { StockCommand } from "../../domain/products/stock-decision.ts";
import type { ReservationCommand } from "../../domain/reservations/reservation-decision.ts";
import type { ReceivedCommand } from "../../inbox/command-handler.ts";

/** Every command that comes by Kafka. */
export type Command = ProductCommand | StockCommand | ReservationCommand;

const edits: ReadonlySet<string> = new Set(["product.create", "product.change", "product.archive"]);

/** A change of what a product is; done one at a time, as its sku may be another's. */
export const isEdit = (command: Command): command is ProductCommand => edits.has(command.type);

export const isOfReservation = (command: Command): command is ReservationCommand =>
  command.type.startsWith("reservation.");

export const isOfStock = (command: Command): command is StockCommand => !isEdit(command) && !isOfReservation(command);

/** The command that a record carries. Its data has passed the schema of its type, which is the command but for the two names. */
export const toCommand = ({ type, data }: ReceivedCommand): Command => {
  const { expectedVersion, ...rest } = data as Record<string, unknown>;
  if (type !== "product.change" && type !== "product.archive") return { ...(data as object), type } as Command;
  const expected = expectedVersion === undefined ? {} : { expectedVersions: [expectedVersion] };
  return { ...rest, ...expected, type } as unknown as Command;
};
