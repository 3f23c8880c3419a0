/** Reads what a record batch is made of, one field after the other. What it answers are views, not copies. */
export class WireReader {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /** A zigzag varint, of 64 bits too: exact up to 2^53, which neither lengths nor spans of time reach. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new RangeError("the batch ends within a number");
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      scale *= 128;
    }
  }

  /** Bytes behind their length; a length of -1 stands for none. */
  varintBytes(): Buffer | null {
    const length = this.varint();
    if (length < 0) return null;
    const from = this.at;
    this.at += length;
    if (this.at > this.bytes.length) throw new RangeError("the batch ends within a field");
    return this.bytes.subarray(from, this.at);
  }
}
