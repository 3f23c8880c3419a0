import { randomUUID } from "node:crypto";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { startSignatureProxy } from "../testing/signature-proxy.ts";
import { connectSearch } from "./search-client.ts";

const secret = "a-secret-key";

const given = async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", secret);
  const proxy = await startSignatureProxy(inject("stack").openSearchUrl, secret);
  const index = `signed-${randomUUID()}`;
  const search = connectSearch({ url: proxy.url, signFor: "eu-west-1" });
  onTestFinished(async () => {
    await search.request({ method: "DELETE", path: `/${index}`, expected: [404] });
    await Promise.all([search.close(), proxy.close()]);
    vi.unstubAllEnvs();
  });
  return { proxy, index, search };
};

test("every kind of request is signed for the region and the service, its body too, and OpenSearch does it", async () => {
  const { proxy, index, search } = await given();
  await search.request({ method: "PUT", path: `/${index}`, body: { settings: { number_of_shards: 1 } } });
  const lines = `${JSON.stringify({ index: { _id: "ä 1" } })}\n${JSON.stringify({ title: "Blaue Täße" })}\n`;
  await search.request({ method: "POST", path: `/${index}/_bulk`, lines, query: { refresh: "true", timeout: "5s" } });
  expect((await search.request({ method: "HEAD", path: `/${index}` })).status).toBe(200);
  const found = await search.request<{ hits: { hits: readonly { _id: string }[] } }>({
    method: "POST",
    path: `/${index}/_search`,
    body: { query: { match: { title: "blaue" } } },
  });

  expect(found.body.hits.hits.map(({ _id }) => _id)).toEqual(["ä 1"]);
  expect(proxy.passed.map(({ asked }) => asked)).toEqual([
    `PUT /${index}`,
    `POST /${index}/_bulk?refresh=true&timeout=5s`,
    `HEAD /${index}`,
    `POST /${index}/_search`,
  ]);
  expect(proxy.passed[1]?.body).toBe(lines);
  for (const { scope } of proxy.passed) expect(scope).toMatch(/^\d{8}\/eu-west-1\/es\/aws4_request$/);
});

test("what nobody signed is refused, and tells no secret", async () => {
  const { proxy, index } = await given();
  const open = connectSearch({ url: proxy.url.replace("http://", "http://reader:s3cret@") });
  onTestFinished(() => open.close());
  const fault = await open.request({ method: "GET", path: `/${index}` }).catch((error: Error) => error);
  expect(fault).toMatchObject({ code: "search-refused", message: expect.stringContaining("403") });
  expect(JSON.stringify(fault, Object.getOwnPropertyNames(fault))).not.toContain("s3cret");
});
