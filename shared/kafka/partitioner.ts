const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/** Mixes the tail and finishes; `tail` holds the last 1 to 3 bytes, little-endian, and is not mixed when there are none. */
const finish = (mixed: number, tail: number, hasTail: boolean): number => {
  let hash = hasTail ? Math.imul(mixed ^ tail, M) : mixed;
  hash ^= hash >>> 13;
  hash = Math.imul(hash, M);
  return hash ^ (hash >>> 15);
};

const mix = (hash: number, word: number): number => {
  const k = Math.imul(word, M);
  return Math.imul(hash, M) ^ Math.imul(k ^ (k >>> 24), M);
};

const hashBytes = (key: Uint8Array): number => {
  const length = key.length;
  const whole = length & ~3;
  let hash = SEED ^ length;
  for (let i = 0; i < whole; i += 4) {
    hash = mix(
      hash,
      (key[i] as number) |
        ((key[i + 1] as number) << 8) |
        ((key[i + 2] as number) << 16) |
        ((key[i + 3] as number) << 24),
    );
  }
  let tail = 0;
  for (let i = length - 1; i >= whole; i--) tail = (tail << 8) | (key[i] as number);
  return finish(hash, tail, length > whole);
};

/** Hashes ASCII text without encoding it first; `undefined` when it is not ASCII. */
const hashAscii = (key: string): number | undefined => {
  const length = key.length;
  const whole = length & ~3;
  let hash = SEED ^ length;
  let seen = 0;
  for (let i = 0; i < whole; i += 4) {
    const a = key.charCodeAt(i);
    const b = key.charCodeAt(i + 1);
    const c = key.charCodeAt(i + 2);
    const d = key.charCodeAt(i + 3);
    seen |= a | b | c | d;
    hash = mix(hash, a | (b << 8) | (c << 16) | (d << 24));
  }
  let tail = 0;
  for (let i = length - 1; i >= whole; i--) {
    const code = key.charCodeAt(i);
    seen |= code;
    tail = (tail << 8) | code;
  }
  return seen < 0x80 ? finish(hash, tail, length > whole) : undefined;
};

/**
 * The 32-bit hash of Kafka's Java client over the key's bytes (UTF-8 for text).
 * https://github.com/apache/kafka/blob/4.1.1/clients/src/main/java/org/apache/kafka/common/utils/Utils.java `murmur2`
 */
export const murmur2 = (key: string | Uint8Array): number =>
  typeof key === "string" ? (hashAscii(key) ?? hashBytes(Buffer.from(key))) : hashBytes(key);

/**
 * The partition that Kafka's Java client gives a key, so that every writer of a topic, in whatever language,
 * keeps one key's records in one partition.
 */
export const partitionOf = (key: string | Uint8Array, partitionCount: number): number =>
  (murmur2(key) & 0x7fffffff) % partitionCount;
