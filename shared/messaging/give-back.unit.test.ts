import { expect, test } from "vitest";
import { toBatchResponse } from "../lambda/batch-response.ts";
import { recordsToGiveBack } from "./give-back.ts";
import type { InboundRecord } from "./record.ts";

const at = (topic: string, partition: number, offset: number): InboundRecord => ({
  topic,
  partition,
  offset: BigInt(offset),
  timestamp: 0,
  timestampType: "LOG_APPEND_TIME",
  key: null,
  value: null,
  headers: [],
});

test("of each partition the first that failed and every later record of the batch comes again", () => {
  // given
  const records = [at("t", 0, 5), at("t", 0, 6), at("t", 0, 9), at("t", 1, 1), at("t", 1, 2), at("u", 0, 1)];
  const failed = [records[2], records[1], records[4]] as InboundRecord[];

  // when
  const givenBack = recordsToGiveBack(records, failed);

  // then
  expect(toBatchResponse(givenBack)).toEqual({
    batchItemFailures: [
      { itemIdentifier: { partition: "t-0", offset: 6 } },
      { itemIdentifier: { partition: "t-0", offset: 9 } },
      { itemIdentifier: { partition: "t-1", offset: 2 } },
    ],
  });
});

test("a batch without failures is acknowledged whole", () => {
  expect(toBatchResponse(recordsToGiveBack([at("t", 0, 1)], []))).toEqual({ batchItemFailures: [] });
});
