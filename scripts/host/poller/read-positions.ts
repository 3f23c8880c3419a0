/**
 * Where the next read of a partition must begin. With several brokers, a read that was under way during a rebalance may
 * come back after it, from the old position, and kafkajs would go on from there: records between would be lost. So what
 * does not follow is not taken, and is read again; only when the same position comes twice is it the true one.
 */
export type ReadPositions = {
  /** After a join: partitions that were read before may have reads under way. */
  forget(): void;
  /** Whether what was read from this offset is to be taken. */
  follows(partition: number, from: string): boolean;
  readUpTo(partition: number, lastOffset: string): void;
};

export const createReadPositions = (): ReadPositions => {
  const expected = new Map<number, string>();
  const doubted = new Map<number, string>();
  return {
    forget: () => {
      for (const partition of expected.keys()) expected.set(partition, "unknown");
      doubted.clear();
    },
    follows: (partition, from) => {
      const wanted = expected.get(partition);
      if (wanted === undefined || wanted === from || doubted.get(partition) === from) return true;
      doubted.set(partition, from);
      return false;
    },
    readUpTo: (partition, lastOffset) => {
      expected.set(partition, String(BigInt(lastOffset) + 1n));
      doubted.delete(partition);
    },
  };
};
