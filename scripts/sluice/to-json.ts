/** Digits as they are: an offset may be larger than a double can hold. */
const rawNumber = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

const jsonValue = (_key: string, value: unknown): unknown =>
  typeof value === "bigint" ? rawNumber(String(value)) : value === undefined ? null : value;

/** One JSON document: what is not known is `null`, so that the same names are always there. */
export const toJson = (value: unknown, indent?: number): string => JSON.stringify(value, jsonValue, indent);
