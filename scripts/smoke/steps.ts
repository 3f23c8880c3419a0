import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { type ApiAnswer, type ApiRequest, inWords } from "./ask-api.ts";
import { askForMetrics } from "./metrics-step.ts";
import { requireAllowed } from "./require-system.ts";
import { rewindNothing } from "./rewind-step.ts";
import { leftOut, type Outcome, passed, type Step, type StepParts } from "./step.ts";

/** Nobody else's sku begins so: what a broken run leaves behind is found by it. */
export const skuPrefix = "SMOKE-";

const POLL_MS = 200;
const UNITS = 1;
/** A reservation that nobody could cancel ends by itself. */
const EXPIRES_SECONDS = 600;

const unexpected = (what: string, answer: ApiAnswer): SluiceError =>
  new SluiceError("unexpected-answer", `${what} is answered by ${inWords(answer)}`);

type Ask = Omit<ApiRequest, "signal">;

const ask = async ({ ask: askIt, options, signal }: StepParts, request: Ask): Promise<ApiAnswer> => {
  const answer = await askIt({ ...request, signal });
  requireAllowed(answer, options.token);
  return answer;
};

const demand = async (parts: StepParts, status: number, request: Ask): Promise<ApiAnswer> => {
  const answer = await ask(parts, request);
  if (answer.status !== status) throw unexpected(request.asked, answer);
  return answer;
};

/**
 * Asks until the answer is accepted. One that nobody can give (5xx) is asked for again: it may pass
 * before the deadline.
 */
const until = async (
  parts: StepParts,
  what: string,
  asked: string,
  accepts: (answer: ApiAnswer) => boolean,
): Promise<ApiAnswer> => {
  for (;;) {
    const answer = await ask(parts, { asked });
    if (accepts(answer)) return answer;
    parts.waitsFor(answer.status >= 500 ? `${what}: ${asked} is answered by ${inWords(answer)}` : what);
    await sleep(POLL_MS, undefined, { signal: parts.signal });
  }
};

const productOf = ({ made: { sku, productId } }: StepParts): { readonly id: string; readonly sku: string } => {
  if (sku === undefined || productId === undefined) throw new Error("the step that writes the product comes first");
  return { id: productId, sku };
};

const lookAtHealth = async (parts: StepParts): Promise<Outcome> => {
  const answer = await ask(parts, { asked: "GET /health/" });
  const { status = "fail", checks = {} } = answer.body ?? {};
  const amiss = Object.entries<readonly { status: string; output?: string }[]>(checks)
    .filter(([, [check]]) => check?.status !== "pass")
    .map(([name, [check]]) => `${name} ${check?.output ?? ""}`.trim());
  if (answer.status !== 200 || status === "fail")
    throw new SluiceError("unhealthy", amiss.length > 0 ? `fail: ${amiss.join("; ")}` : `fail: ${inWords(answer)}`);
  return passed(amiss.length > 0 ? `${status}: ${amiss.join("; ")}` : "all parts answer, nothing was left behind");
};

/** A draft: no shop shows it. */
const writeProduct = async (parts: StepParts): Promise<Outcome> => {
  const now = new Date().toISOString().replaceAll(/[-:]|\..*/g, "");
  const sku = `${skuPrefix}${now}-${randomBytes(3).toString("hex")}`;
  parts.made.sku = sku;
  const { body } = await demand(parts, 201, {
    asked: "POST /products",
    body: {
      sku,
      title: `Smoke test ${sku}`,
      category: "smoke-test",
      status: "draft",
      stock: UNITS,
      price: { amount: 1, currency: "EUR" },
    },
  });
  parts.made.productId = body.id;
  return passed(`product ${body.id}, a draft, sku ${sku}`);
};

const waitForReaders = async (parts: StepParts): Promise<Outcome> => {
  const { id } = productOf(parts);
  const what = "readers do not see the product: its event is not sent, or not projected";
  await until(parts, what, `GET /products/${id}`, ({ status }) => status === 200);
  return passed("its event went through the outbox, Kafka and the projection: readers see it");
};

const search = async (parts: StepParts): Promise<Outcome> => {
  const { id, sku } = productOf(parts);
  const found = ({ status, body }: ApiAnswer) =>
    status === 200 && body.items.some((item: { readonly id: string }) => item.id === id);
  await until(parts, "the search does not find the product", `GET /products?status=draft&text=${sku}`, found);
  return passed("OpenSearch finds it by its sku");
};

const reserve = async (parts: StepParts): Promise<Outcome> => {
  const { id: productId } = productOf(parts);
  const placed = await demand(parts, 202, {
    asked: "POST /reservations",
    body: { lines: [{ productId, quantity: UNITS }], expiresInSeconds: EXPIRES_SECONDS },
  });
  const { id } = placed.body;
  parts.made.reservationId = id;
  const ended = new Set(["rejected", "expired", "cancelled"]);
  const settled = await until(
    parts,
    "the reservation is not reserved: its commands are not sent, or not consumed",
    `GET /reservations/${id}`,
    ({ body }) => body?.state === "reserved" || ended.has(body?.state),
  );
  if (settled.body.state !== "reserved")
    throw new SluiceError(
      "not-reserved",
      `the reservation ended as ${settled.body.state}: ${JSON.stringify(settled.body.lines)}`,
    );
  await demand(parts, 200, { asked: `POST /reservations/${id}/cancel` });
  const isFree = ({ body }: ApiAnswer) => body?.version >= 3 && body.stock === UNITS && body.reserved === 0;
  await until(parts, "the cancelled reservation's stock is not free again", `GET /products/${productId}`, isFree);
  delete parts.made.reservationId;
  return passed(`${UNITS} unit reserved, cancelled, and free again`);
};

/** A write whose answer never came may have been done all the same. */
const unansweredProduct = async (parts: StepParts): Promise<string | undefined> =>
  parts.made.sku === undefined
    ? undefined
    : (await ask(parts, { asked: `GET /products/by-sku/${parts.made.sku}` })).body?.id;

/**
 * What was made is taken away; the sku of an archived product stays taken, which is why each run
 * has its own.
 */
const cleanUp = async (parts: StepParts): Promise<Outcome> => {
  const { reservationId, productId = await unansweredProduct(parts) } = parts.made;
  if (reservationId !== undefined) {
    const asked = `POST /reservations/${reservationId}/cancel`;
    const answer = await ask(parts, { asked });
    // 409: it has ended already
    if (answer.status !== 200 && answer.status !== 409) throw unexpected(asked, answer);
  }
  if (productId === undefined) return leftOut("nothing was made");
  await demand(parts, 204, { asked: `DELETE /products/${productId}`, headers: { "if-match": "*" } });
  return passed(`the product is archived${reservationId === undefined ? "" : ", its reservation cancelled"}`);
};

export const steps: readonly Step[] = [
  {
    name: "health",
    needs: [],
    run: lookAtHealth,
    next: { command: 'curl -s "$URL/health/"', section: "Health" },
  },
  {
    name: "write",
    needs: [],
    run: writeProduct,
    next: { command: 'curl -s "$URL/health/"', section: "Health" },
  },
  {
    name: "outbox",
    needs: ["write"],
    run: waitForReaders,
    next: { command: "npx sluice outbox status", section: "The outbox does not move" },
  },
  {
    name: "search",
    needs: ["outbox"],
    run: search,
    next: { command: "npx sluice groups describe --group product-event-projection-group", section: "Lag" },
  },
  {
    name: "reservation",
    needs: ["outbox"],
    run: reserve,
    next: { command: "npx sluice groups describe --group product-command-group", section: "Lag" },
  },
  {
    name: "rewind",
    needs: [],
    run: rewindNothing,
    next: { command: "npx sluice groups describe --group product-event-projection-group", section: "Groups" },
  },
  {
    name: "metrics",
    needs: [],
    run: askForMetrics,
    next: { command: 'curl -s "$URL/metrics" -H "authorization: Bearer $METRICS_TOKEN"', section: "Metrics" },
  },
  {
    name: "clean-up",
    needs: [],
    run: cleanUp,
    next: { command: `curl -s "$URL/products?status=draft&category=smoke-test"`, section: "After a deploy" },
  },
];
