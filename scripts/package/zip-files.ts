import { zipSync } from "fflate";

/** By the local clock, as fflate writes it: the earliest that a zip knows, wherever it is made. */
const mtime = new Date(1980, 0, 1);
const UNIX = 3;
/** A file that everybody may read; Lambda's runtime is not the owner. */
const attrs = 0o100644 << 16;

/** The same files in any order are the same bytes, so that what did not change is not deployed anew. */
export const zipFiles = (files: Readonly<Record<string, Uint8Array>>): Uint8Array => {
  const sorted = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  return zipSync(Object.fromEntries(sorted), { level: 9, mtime, os: UNIX, attrs });
};
