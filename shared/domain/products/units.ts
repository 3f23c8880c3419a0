/** Units of a product: free, held for reservations, and taken by confirmed ones. */
export type Units = { readonly stock: number; readonly reserved: number; readonly committed: number };

/** All units of a product. Reserving, releasing and committing move units among the three and never change it. */
export const unitsOf = ({ stock, reserved, committed }: Units): number => stock + reserved + committed;

/**
 * The most units that a product has, all together. Were only the free ones bounded, a release could make a stock, and a
 * commit a count, that no schema and no column takes.
 */
export const maxUnits = 1_000_000_000;
