import { SluiceError } from "../../shared/messaging/sluice-error.ts";

export type ApiAnswer = {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a system answers is only known once it was looked at
  readonly body: any;
};

export type ApiRequest = {
  /** `GET /products?limit=1` */
  readonly asked: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of the API's own token; `null` for none. */
  readonly token?: string | null;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal: AbortSignal;
};

export type AskApi = (request: ApiRequest) => Promise<ApiAnswer>;

const ANSWER_MS = 30_000; // API Gateway gives up at 30 s

const distrusted = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ERR_TLS/;

/** What a connection that did not come about means to whoever gave the URL. */
const connectionFault = (url: string, fault: unknown): SluiceError => {
  const { name, message, cause } = fault as Error & { readonly cause?: Error & { readonly code?: string } };
  const { code = "", message: detail = message } = cause ?? {};
  const { host, hostname } = new URL(url);
  const told = (what: string, hint: string) => new SluiceError("unreachable", what, { cause: fault, hint });
  if (name === "TimeoutError")
    return told(
      `${host} does not answer within ${ANSWER_MS / 1000} s`,
      "is that the right address, and is the network open?",
    );
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return told(`there is no host ${hostname} (${code})`, "the deploy prints the address; is the network up?");
  if (code === "ECONNREFUSED")
    return told(
      `nothing listens at ${host} (${code})`,
      "of a laptop: does `npm start` run, and on which port? of a stage: the deploy prints the address",
    );
  if (distrusted.test(code))
    return told(
      `the certificate of ${host} is not trusted: ${detail} (${code})`,
      "is the host's name the certificate's? NODE_EXTRA_CA_CERTS=FILE.pem trusts an authority of your own",
    );
  if (code.startsWith("ERR_SSL") || code === "EPROTO")
    return told(`${host} does not speak TLS (${code})`, "an address without TLS begins with http://");
  return told(`${host} cannot be reached: ${detail}${code === "" ? "" : ` (${code})`}`, "is that the right address?");
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/**
 * Asks a system over HTTP. A redirect is an answer like any other: a POST that follows one is a
 * GET.
 * @throws SluiceError `unreachable`; what the request's own signal is aborted with
 */
export const askApi =
  (url: string, usual: string | undefined): AskApi =>
  async ({ asked, headers = {}, token = usual ?? null, body, signal }) => {
    const [method = "", path = ""] = asked.split(" ");
    try {
      const response = await fetch(`${url}${path}`, {
        method,
        redirect: "manual",
        signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const contentType = response.headers.get("content-type") ?? "";
      return { status: response.status, contentType, text, body: parsed(text) };
    } catch (fault) {
      if (signal.aborted) throw signal.reason;
      throw connectionFault(url, fault);
    }
  };

/** An answer in few words: a problem's own, a gateway's message, or how the text begins. */
export const inWords = ({ status, body, text }: ApiAnswer): string => {
  const said = body?.detail ?? body?.title ?? body?.message ?? text.replaceAll(/\s+/g, " ").slice(0, 80);
  return said === "" ? String(status) : `${status}: ${said}`;
};
