/** An HTTP function that does as its path says. */
import { setTimeout as sleep } from "node:timers/promises";
import type { APIGatewayProxyEventV2 } from "aws-lambda";

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
