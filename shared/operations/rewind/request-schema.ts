import * as z from "zod";
import type { RewindRequest } from "./rewind-request.ts";

/** Offsets are text in JSON: its numbers are doubles. */
const offset = z.string().regex(/^[+-]?\d+$/).transform(BigInt); // biome-ignore format: one rule

const position = z.object({ topic: z.string(), partition: z.number().int(), offset });

const target = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("to-earliest") }),
  z.object({ kind: z.literal("to-latest") }),
  z.object({ kind: z.literal("to-offset"), offset }),
  z.object({ kind: z.literal("to-datetime"), timestamp: z.number().int() }),
  z.object({ kind: z.literal("by-duration"), ms: z.number().int() }),
  z.object({ kind: z.literal("shift-by"), by: offset }),
  z.object({ kind: z.literal("to-positions"), positions: z.array(position) }),
]);

const selection = z.object({ topic: z.string(), partitions: z.array(z.number().int()).exactOptional() });

/** A request as it travels in JSON. */
export const rewindRequestSchema = z.object({ groupId: z.string(), topics: z.array(selection), target });

/** The same as plain JSON. */
export const requestJson = (request: RewindRequest): unknown =>
  JSON.parse(JSON.stringify(request, (_key, value) => (typeof value === "bigint" ? String(value) : value)));
