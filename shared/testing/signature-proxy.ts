import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, request as requestHttp } from "node:http";
import type { AddressInfo } from "node:net";

/** Stands before an open server as AWS stands before a domain: what is not signed by the one secret is answered with 403. */
export type SignatureProxy = {
  readonly url: string;
  /** Of the requests that were let through: method, path, and the scope of the signature. */
  readonly passed: readonly { readonly asked: string; readonly scope: string; readonly body: string }[];
  close(): Promise<void>;
};

const sha256 = (text: string | Buffer): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
const signatureOf = (request: IncomingMessage, body: Buffer, scope: string, signed: string, secret: string): string => {
  const url = new URL(request.url ?? "/", "http://any");
  const query = [...url.searchParams]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .sort()
    .join("&");
  const headers = signed.split(";").map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const canonical = [request.method, url.pathname, query, headers.join(""), signed, sha256(body)].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", request.headers["x-amz-date"], scope, sha256(canonical)].join("\n");
  const key = scope.split("/").reduce<string | Buffer>((from, part) => hmac(from, part), `AWS4${secret}`);
  return hmac(key, toSign).toString("hex");
};

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
};

export const startSignatureProxy = async (target: string, secret: string): Promise<SignatureProxy> => {
  const passed: { asked: string; scope: string; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const body = await readBody(request);
    const pattern = /^AWS4-HMAC-SHA256 Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]+)$/;
    const [, scope = "", signed = "", signature = "none"] = pattern.exec(request.headers.authorization ?? "") ?? [];
    if (signature !== signatureOf(request, body, scope, signed, secret)) {
      response.writeHead(403, { "content-type": "application/json" });
      response.end(JSON.stringify({ Message: "The request signature we calculated does not match" }));
      return;
    }
    passed.push({ asked: `${request.method} ${request.url}`, scope, body: body.toString() });
    const { authorization: _ours, host: _proxy, ...headers } = request.headers;
    const forwarded = requestHttp(new URL(request.url ?? "/", target), { method: request.method, headers });
    forwarded.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
