import type { Position } from "../../messaging/cluster-reader.ts";

/** Positions as a row's JSON holds them. Offsets are text there: JSON's numbers are doubles. */
export type StoredPosition = { readonly topic: string; readonly partition: number; readonly offset: string };

export const storedPositions = (positions: readonly Position[] | undefined): string | null =>
  positions === undefined
    ? null
    : JSON.stringify(
        positions.map(({ topic, partition, offset }): StoredPosition => ({ topic, partition, offset: String(offset) })),
      );

export const positionsOf = (stored: readonly StoredPosition[]): readonly Position[] =>
  stored.map(({ topic, partition, offset }) => ({ topic, partition, offset: BigInt(offset) }));
