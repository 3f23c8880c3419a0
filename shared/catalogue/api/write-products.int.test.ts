import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appendToOutbox } from "../../outbox/append-to-outbox.ts";
import { connect } from "../../postgres/connect.ts";
import { createTestApi, newProduct, type TestApi } from "./testing/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const create = async (fields: object = {}) => {
  const answer = await api.ask("POST /products", { body: newProduct(fields) });
  expect(answer.status).toBe(201);
  return answer;
};
const patch = (id: string, body: unknown, ifMatch = "*", more: Record<string, string> = {}) =>
  api.ask(`PATCH /products/${id}`, { body, headers: { "if-match": ifMatch, ...more } });
const archive = (id: string, ifMatch = "*") => api.ask(`DELETE /products/${id}`, { headers: { "if-match": ifMatch } });
const countOf = async (sku: string) =>
  (await api.db.query({ text: "select from products where sku = $1", values: [sku] })).rowCount;

describe("POST /products", () => {
  test("answers the product with its defaults, where it is and its version, and writes one event that says the same", async () => {
    const { sku, title, category, price } = newProduct();
    const trace = { "x-correlation-id": "c-1", traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" };
    const { status, headers, body } = await api.ask("POST /products", {
      body: { sku, title, category, price },
      headers: trace,
    });

    expect(status).toBe(201);
    expect(headers).toMatchObject({ location: `/products/${body.id}`, etag: '"1"', "x-correlation-id": "c-1" });
    expect(body).toEqual({
      ...{ id: body.id, version: 1, sku, title, category, price },
      ...{ description: "", stock: 0, reserved: 0, committed: 0, attributes: {}, status: "draft" },
      ...{ createdAt: body.createdAt, updatedAt: body.createdAt },
    });
    const events = await api.outbox(body.id);
    expect(events).toMatchObject([
      { type: "product.created", aggregate_version: 1, correlation_id: "c-1", traceparent: trace.traceparent },
    ]);
    expect(JSON.parse(events[0]?.payload ?? "")).toEqual(body);
  });

  test("refuses a sku that is taken, by an archived product too, with a pointer to it", async () => {
    const { body } = await create();
    await archive(body.id);

    const answer = await api.ask("POST /products", { body: newProduct({ sku: body.sku }) });

    expect(answer).toMatchObject({
      status: 409,
      body: { type: "urn:sluice:problem:sku-taken", errors: [{ pointer: "/sku" }] },
    });
    expect(await countOf(body.sku)).toBe(1);
  });

  test.each([
    [{ status: "archived" }, "/status"],
    [{ id: "x" }, "/id"],
    [{ price: { amount: -1, currency: "EUR" } }, "/price/amount"],
    [{ price: { amount: 1, currency: "XXY" } }, "/price/currency"],
    [{ attributes: { deep: {} } }, "/attributes/deep"],
    [{ title: "\0" }, "/title"],
  ])("refuses %j and writes nothing", async (fields, pointer) => {
    const body = newProduct(fields);
    expect(await api.ask("POST /products", { body })).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    expect(await countOf(body.sku)).toBe(0);
  });

  test("keeps every character that JSON can carry and PostgreSQL can hold", async () => {
    const odd = { description: 'é "\\\u0001\u2028 🧪', attributes: { "a b": "\u007f", n: 0.1, big: 1e300, no: false } };
    const { body } = await create(odd);
    expect(body).toMatchObject(odd);
    expect((await patch(body.id, {})).body).toEqual(body);
  });
});

describe("Idempotency-Key", () => {
  const ask = (key: string, body: unknown, more: { subject?: string } = {}, on = api.ask) =>
    on("POST /products", { body, headers: { "idempotency-key": key, "x-correlation-id": "c" }, ...more });

  test("20 requests at once with one key make one product and get the same answer", async () => {
    const body = newProduct();
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask("race", body)));

    expect(answers[0]?.status).toBe(201);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await countOf(body.sku)).toBe(1);
    expect(await api.outbox(answers[0]?.body.id)).toHaveLength(1);
  });

  test("another caller has keys of its own", async () => {
    const answers = [
      await ask("k", newProduct(), { subject: "ada" }),
      await ask("k", newProduct(), { subject: "bob" }),
      await ask("k", newProduct()),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
  });

  test("a conflict is kept: the answer stays the same after the conflict is gone", async () => {
    const { body: first } = await create();
    const wanted = newProduct({ sku: first.sku });
    const conflict = await ask("conflict", wanted);
    await patch(first.id, { sku: `${first.sku}-old` });

    expect(conflict.status).toBe(409);
    expect(await ask("conflict", wanted)).toEqual(conflict);
    expect((await ask("conflict-2", wanted)).status).toBe(201);
  });

  test("a request that is not valid is not kept: the key is free for the mended one", async () => {
    expect((await ask("typo", newProduct({ stock: -1 }))).status).toBe(400);
    expect((await ask("typo", newProduct())).status).toBe(201);
  });

  test("a 5xx is never kept, and the product comes with the next try", async () => {
    const body = newProduct();
    const failing = api.askWith({ appendToOutbox: () => Promise.reject(new Error("disk full")) });

    expect((await ask("fault", body, {}, failing)).status).toBe(500);
    expect(await countOf(body.sku)).toBe(0);
    expect((await ask("fault", body)).status).toBe(201);
  });

  test("a first request that takes longer than 2 s is not waited for", async () => {
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const slow = api.askWith({
      appendToOutbox: async (tx, messages) => {
        begun.resolve();
        await end.promise;
        appendToOutbox(tx, messages);
      },
    });
    const body = newProduct();
    const first = ask("slow", body, {}, slow);
    await begun.promise;

    const second = await ask("slow", body);

    expect(second).toMatchObject({
      status: 409,
      headers: { "retry-after": "1" },
      body: { type: "urn:sluice:problem:request-in-progress" },
    });
    end.resolve();
    expect((await first).status).toBe(201);
    expect((await ask("slow", body)).body).toEqual((await first).body);
  });

  test("another body is 422", async () => {
    await ask("other", newProduct());
    expect((await ask("other", newProduct())).status).toBe(422);
  });

  test("keys that have expired are deleted on the way", async () => {
    await ask("old", newProduct());
    await api.db.query({ text: "update idempotency_keys set expires_at = now() - interval '1 s' where key = 'old'" });

    await ask("new", newProduct(), {}, api.askWith({})); // the first request of a process is one of those that delete

    expect((await api.db.query({ text: "select from idempotency_keys where key = 'old'" })).rowCount).toBe(0);
  });
});

describe("PATCH /products/{id}", () => {
  test.each(["application/merge-patch+json", "application/json"])("merges a patch sent as %s", async (type) => {
    const { body } = await create({ attributes: { grams: 100, organic: true } });

    const answer = await patch(body.id, { price: { amount: 550 }, attributes: { organic: null } }, '"1"', {
      "content-type": type,
    });

    expect(answer).toMatchObject({ status: 200, headers: { etag: '"2"' } });
    expect(answer.body).toEqual({
      ...body,
      ...{ version: 2, price: { amount: 550, currency: "EUR" }, attributes: { grams: 100 } },
      updatedAt: answer.body.updatedAt,
    });
    const [, event] = await api.outbox(body.id);
    expect(JSON.parse(event?.payload ?? "")).toEqual(answer.body);
  });

  test("that changes nothing answers the product under the same version and writes no event", async () => {
    const { body } = await create();
    expect(await patch(body.id, { title: body.title }, '"1"')).toMatchObject({
      status: 200,
      body,
      headers: { etag: '"1"' },
    });
    expect(await api.outbox(body.id)).toHaveLength(1);
  });

  test.each([
    [{ title: null }, "/title"],
    [{ status: "archived" }, "/status"],
    [{ version: 3 }, "/version"],
    [{ price: { tax: 1 } }, "/price/tax"],
    [[], ""],
  ])("refuses %j", async (body, pointer) => {
    const { body: product } = await create();
    expect(await patch(product.id, body)).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
  });

  test("refuses what is only wrong together with what is there", async () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`a${n}`, n]));
    const { body } = await create({ attributes: many });
    expect(await patch(body.id, { attributes: { more: 1 } })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: "/attributes" }] },
    });
  });

  test("wants If-Match: 428 without, 412 when stale, 400 when weak or malformed; a list and * are good", async () => {
    const { body } = await create();
    const without = await api.ask(`PATCH /products/${body.id}`, { body: { stock: 1 } });

    expect(without).toMatchObject({ status: 428, body: { errors: [{ header: "If-Match" }] } });
    expect(await patch(body.id, { stock: 1 }, '"7"')).toMatchObject({ status: 412, headers: { etag: '"1"' } });
    expect((await patch(body.id, { stock: 1 }, 'W/"1"')).status).toBe(400);
    expect((await patch(body.id, { stock: 1 }, "1")).status).toBe(400);
    expect((await patch(body.id, { stock: 1 }, '"7", "1"')).status).toBe(200);
    expect((await patch(body.id, { stock: 2 }, "*")).status).toBe(200);
  });

  test("of two changes from the same version at once one is done and the other is 412", async () => {
    const { body } = await create();
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => patch(body.id, { stock: n + 1 }, '"1"')));

    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(412)]);
    expect(await api.outbox(body.id)).toHaveLength(2);
  });

  test("of two products that want one sku at once one gets it and the other is 409", async () => {
    const [one, other] = [await create(), await create()];
    const sku = `${one.body.sku}-wanted`;
    const answers = await Promise.all([patch(one.body.id, { sku }), patch(other.body.id, { sku })]);

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.errors).toMatchObject([{ pointer: "/sku" }]);
  });

  test.each(["019b7f2e-6c1a-7b3e-9d52-2f6f0c5a1e77", "no-id", "123e4567-e89b-42d3-a456-426614174000"])(
    "of %s, which nobody has, is 404",
    async (id) => {
      expect(await patch(id, { stock: 1 })).toMatchObject({
        status: 404,
        body: { type: "urn:sluice:problem:not-found" },
      });
    },
  );
});

describe("DELETE /products/{id}", () => {
  test("archives once: its last state is an event, and afterwards there is nothing to change or archive", async () => {
    const { body } = await create();

    expect(await archive(body.id, '"1"')).toMatchObject({ status: 204, text: "" });

    const [, event] = await api.outbox(body.id);
    expect(event).toMatchObject({ type: "product.archived", aggregate_version: 2 });
    expect(JSON.parse(event?.payload ?? "")).toMatchObject({
      ...body,
      status: "archived",
      version: 2,
      updatedAt: expect.any(String),
    });
    expect((await archive(body.id)).status).toBe(404);
    expect((await patch(body.id, { stock: 1 })).status).toBe(404);
    expect(await api.outbox(body.id)).toHaveLength(2);
  });

  test("wants If-Match", async () => {
    const { body } = await create();
    expect((await api.ask(`DELETE /products/${body.id}`)).status).toBe(428);
    expect((await archive(body.id, '"2"')).status).toBe(412);
  });
});

test("a database that is away is 503 with Retry-After for every write", async () => {
  const db = connect({ url: "postgres://nobody@127.0.0.1:1/none", connectTimeoutMs: 500 });
  const ask = api.askWith({ db });
  const headers = { "if-match": "*", "idempotency-key": "k" };
  const id = "019b7f2e-6c1a-7b3e-9d52-2f6f0c5a1e77";
  for (const asked of ["POST /products", `PATCH /products/${id}`, `DELETE /products/${id}`]) {
    const body = asked.startsWith("POST") ? newProduct() : asked.startsWith("PATCH") ? {} : undefined;
    expect(await ask(asked, { body, headers })).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
  }
  await db.end();
});
