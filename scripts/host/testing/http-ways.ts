/** An HTTP function that does as its path says. */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { APIGatewayProxyEventV2 } from "aws-lambda";

/**
 * Waits until as many processes as `count` have come to the folder. Requests that share a process
 * never meet.
 */
const meet = async ({ folder = "", count }: Partial<Record<string, string>>): Promise<void> => {
  writeFileSync(join(folder, String(process.pid)), "");
  while (readdirSync(folder).length < Number(count)) await sleep(10);
};

export const handler = async (event: APIGatewayProxyEventV2): Promise<unknown> => {
  switch (event.rawPath) {
    case "/throw":
      throw new Error("as asked");
    case "/die":
      return process.exit(1);
    case "/malformed":
      return { statusCode: "no" };
    case "/bad-header":
      return { statusCode: 200, headers: { "bad header\n": "x" } };
    case "/sleep":
      await sleep(Number(event.queryStringParameters?.["ms"]));
      return { statusCode: 200, body: String(process.pid) };
    case "/meet":
      await meet(event.queryStringParameters ?? {});
      return { statusCode: 200, body: String(process.pid) };
    case "/structured":
      return {
        statusCode: 201,
        headers: { ETag: '"1"', "content-type": "application/octet-stream" },
        cookies: ["a=1; Path=/", "b=2"],
        body: "/wBB",
        isBase64Encoded: true,
      };
    default:
      return event;
  }
};
