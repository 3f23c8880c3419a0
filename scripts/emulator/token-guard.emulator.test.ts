import { createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { apiRoutes } from "../../shared/catalogue/api/route-table.ts";
import { newProduct } from "../../shared/catalogue/api/testing/test-api.ts";
import { askSystem } from "../../shared/testing/ask-system.ts";
import { runNode } from "../../shared/testing/stack-command.ts";
import { functions } from "../host/functions.ts";
import { listenOn } from "../host/listen.ts";
import { emulatorClients } from "./aws-clients.ts";
import { deployHttpApi } from "./deploy-triggers.ts";

/**
 * The stage's functions behind a second HTTP API, whose routes are guarded by tokens as on AWS. The
 * issuer is the test's own.
 */
const { name: stage, environment } = inject("stage");
const audience = "programs";
const scopes = { read: "sluice/read", write: "sluice/write" };
const kid = "key-1";
const [ours, others] = [0, 1].map(() => generateKeyPairSync("rsa", { modulusLength: 2048 }));
const openIdServer = createServer((request, response) => {
  const jwks_uri = `http://${request.headers.host}/keys`;
  const key = { ...ours?.publicKey.export({ format: "jwk" }), kid, alg: "RS256", use: "sig" };
  const answer = request.url === "/keys" ? { keys: [key] } : { issuer: `http://${request.headers.host}`, jwks_uri };
  response.end(JSON.stringify(answer));
});
let issuer: string;
let url: string;

beforeAll(async () => {
  issuer = `http://127.0.0.1:${await listenOn(openIdServer, 0, { setting: "" })}`;
  const endpoint = environment["AWS_ENDPOINT_URL"] as string;
  const guard = { issuer, audience, scopes };
  ({ url } = await deployHttpApi(functions, { clients: emulatorClients(endpoint), stage, endpoint }, guard));
});
afterAll(() => {
  openIdServer.closeAllConnections();
  openIdServer.close();
});

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");

/** A token as a user pool gives it to a program: the client's id stands in place of `aud`. */
const token = (claims: object, key: KeyObject | undefined = ours?.privateKey): string => {
  const now = Math.floor(Date.now() / 1000);
  const usual = {
    iss: issuer,
    client_id: audience,
    scope: `${scopes.read} ${scopes.write}`,
    iat: now - 60,
    exp: now + 600,
  };
  const signed = `${encode({ alg: "RS256", typ: "JWT", kid })}.${encode({ ...usual, ...claims })}`;
  return `${signed}.${createSign("sha256")
    .update(signed)
    .sign(key as KeyObject, "base64url")}`;
};

const ask = (asked: string, bearer?: string, body?: unknown) =>
  askSystem(url)(asked, { body, headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` } });

test("no route of the API answers without a token; the probes do", async () => {
  const statuses = await Promise.all(
    apiRoutes.map(async ({ routeKey }) => {
      const asked = routeKey.replaceAll(/\{\w+\}/g, "x");
      return [routeKey, (await ask(asked)).status] as const;
    }),
  );
  expect(statuses).toEqual(apiRoutes.map(({ routeKey }) => [routeKey, 401]));
  for (const open of ["/health", "/health/", "/openapi.json", "/metrics"])
    expect(await ask(`GET ${open}`), open).toMatchObject({ status: 200 });
});

describe("a token", () => {
  test("that is right is let in by every kind of route", async () => {
    const right = token({});
    const { status, body } = await ask("POST /products", right, newProduct());
    expect(status).toBe(201);
    expect(await ask("GET /products?limit=1", right)).toMatchObject({ status: 200 });
    expect(await ask(`DELETE /products/${body.id}`, right)).toMatchObject({ status: 428 }); // the API's own answer
  });

  test.each([
    ["of another audience", () => token({ client_id: "others" })],
    ["that is over", () => token({ exp: Math.floor(Date.now() / 1000) - 1 })],
    ["of another issuer", () => token({ iss: "https://issuer.example" })],
    ["that somebody else has signed", () => token({}, others?.privateKey)],
    ["that is none", () => "nonsense"],
  ])("%s is refused with 401", async (_what, made) => {
    expect(await ask("GET /products?limit=1", made())).toMatchObject({ status: 401 });
    expect(await ask("POST /products", made(), newProduct())).toMatchObject({ status: 401 });
  });

  test("reads with the scope to read and writes with the scope to write, and neither with the other's", async () => {
    const [reader, writer] = [token({ scope: scopes.read }), token({ scope: scopes.write })];
    expect(await ask("GET /products?limit=1", reader)).toMatchObject({ status: 200 });
    expect(await ask("POST /products", reader, newProduct())).toMatchObject({ status: 403 });
    expect(await ask("POST /products", writer, newProduct())).toMatchObject({ status: 201 });
    expect(await ask("GET /products?limit=1", writer)).toMatchObject({ status: 403 });
  });
});

describe("the smoke test", () => {
  const smoke = (...more: readonly string[]) =>
    runNode(["scripts/smoke.ts", "--url", url, "--stage", stage, ...more], environment);

  test("passes with a token, whose scopes it needs both", async () => {
    const { code, stdout } = await smoke("--token", token({}));
    expect(code, stdout).toBe(0);
  });

  test.each([
    [[], /^smoke: the API asks for a token \(401\), and none was given\n {2}docs\/DEPLOY\.md/],
    [["--token", "a.b.c"], /^smoke: the API refuses the token \(401: Unauthorized\)\n/],
  ])("is one line and a hint with %j", async (args, said) => {
    expect(await smoke(...args)).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(said) });
  });
});
