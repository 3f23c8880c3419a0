/** Below this many characters a loop in JavaScript beats the call into native code (12 characters: 25 against 40 ns). */
const SHORT = 16;
/** Up to here three bytes a character are set aside, which is the most that UTF-8 takes; above, the length is measured first. */
const MEASURED_FROM = 65_536;

/** Bytes that a zigzag varint of a non-negative number takes. */
const varintSize = (value: number): number => {
  let size = 1;
  for (let rest = value * 2; rest >= 0x80; rest = Math.floor(rest / 128)) size++;
  return size;
};

/** A buffer that grows, written in the types of the Kafka protocol, https://kafka.apache.org/protocol#protocol_types. */
export class WireWriter {
  /** Only `[0, length)` has been written; the rest is arbitrary. */
  bytes: Buffer;
  length = 0;

  constructor(capacity = 65_536) {
    // Not from Node's shared pool, and not zero-filled: nothing beyond `length` is ever read.
    this.bytes = Buffer.allocUnsafeSlow(capacity);
  }

  get capacity(): number {
    return this.bytes.length;
  }

  /** What has been written, without a copy; overwritten by what comes after `reset`. */
  written(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  reset(): void {
    this.length = 0;
  }

  /** Makes room for `more` bytes, and answers where they begin. May move `bytes`: read that afterwards. */
  reserve(more: number): number {
    const needed = this.length + more;
    if (needed > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
      this.bytes.copy(grown, 0, 0, this.length);
      this.bytes = grown;
    }
    return this.length;
  }

  int8(value: number): void {
    const at = this.reserve(1);
    this.length = this.bytes.writeInt8(value, at);
  }

  int16(value: number): void {
    const at = this.reserve(2);
    this.length = this.bytes.writeInt16BE(value, at);
  }

  int32(value: number): void {
    const at = this.reserve(4);
    this.length = this.bytes.writeInt32BE(value, at);
  }

  int64(value: bigint): void {
    const at = this.reserve(8);
    this.length = this.bytes.writeBigInt64BE(value, at);
  }

  /** A zigzag varint of a number from -1 to 2^31 - 1: all that a record of ours has. */
  varint(value: number): void {
    const at = this.reserve(5);
    this.length = this.putVarint(at, value);
  }

  /** An `int16` length and the text. */
  string(value: string): void {
    this.int16(Buffer.byteLength(value));
    const at = this.reserve(value.length * 3);
    this.length = at + this.bytes.write(value, at);
  }

  /** A varint length and the bytes of the text; -1 for null. */
  varintBytes(value: string | Uint8Array | null): void {
    if (value === null) this.varint(-1);
    else if (typeof value !== "string") {
      this.varint(value.length);
      const at = this.reserve(value.length);
      this.bytes.set(value, at);
      this.length = at + value.length;
    } else if (value.length >= SHORT || !this.shortAscii(value)) this.text(value);
  }

  /** Puts a varint before the `size` bytes that end the buffer and begin at `at + gap`: most often the gap is just right. */
  closeGap(at: number, gap: number): void {
    const size = this.length - at - gap;
    const prefix = varintSize(size);
    if (prefix !== gap) {
      this.reserve(5);
      this.bytes.copyWithin(at + prefix, at + gap, this.length);
      this.length += prefix - gap;
    }
    this.putVarint(at, size);
  }

  private putVarint(at: number, value: number): number {
    const { bytes } = this;
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    while (rest >= 0x80) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    return at;
  }

  private shortAscii(value: string): boolean {
    const at = this.reserve(1 + SHORT);
    const { bytes } = this;
    const size = value.length;
    bytes[at] = size << 1;
    for (let i = 0; i < size; i++) {
      const code = value.charCodeAt(i);
      if (code >= 0x80) return false;
      bytes[at + 1 + i] = code;
    }
    this.length = at + 1 + size;
    return true;
  }

  /** Writes first and measures by what was written: `Buffer.byteLength` of a payload costs twice what writing it does. */
  private text(value: string): void {
    if (value.length >= MEASURED_FROM) {
      const size = Buffer.byteLength(value);
      this.varint(size);
      const start = this.reserve(size);
      this.length = start + this.bytes.write(value, start);
      return;
    }
    const gap = varintSize(value.length);
    const at = this.reserve(gap + value.length * 3);
    this.length = at + gap + this.bytes.write(value, at + gap);
    this.closeGap(at, gap);
  }
}
