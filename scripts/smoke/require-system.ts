import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { type ApiAnswer, type AskApi, inWords } from "./ask-api.ts";

const howToGetOne = 'docs/DEPLOY.md, "The first product", tells how to get one';

/**
 * What an authorizer's answer means: nobody who brings this token is let in.
 * @throws SluiceError `refused-token`
 */
export const requireAllowed = (answer: ApiAnswer, token: string | undefined): void => {
  if (answer.status === 401 && token === undefined)
    throw new SluiceError("refused-token", "the API asks for a token (401), and none was given", {
      hint: `${howToGetOne}; --token or SLUICE_TOKEN brings it`,
    });
  if (answer.status === 401)
    throw new SluiceError("refused-token", `the API refuses the token (${inWords(answer)})`, {
      hint: `is it another stage's, or over? it lasts an hour; ${howToGetOne}`,
    });
  if (answer.status === 403)
    throw new SluiceError("refused-token", `the token may not do this (${inWords(answer)})`, {
      hint: "it takes the scopes sluice/read and sluice/write",
    });
};

const isHealth = ({ body }: ApiAnswer): boolean =>
  typeof body?.status === "string" && typeof body.checks === "object" && body.checks !== null;

/**
 * Looks whether a system of this kind answers at the URL and lets the caller in, before anything is
 * written.
 * @throws SluiceError `unreachable`, `other-system`, `refused-token`
 */
export const requireSystem = async (
  ask: AskApi,
  { url, token, signal }: { readonly url: string; readonly token: string | undefined; readonly signal: AbortSignal },
): Promise<void> => {
  const health = await ask({ asked: "GET /health/", signal });
  if (!isHealth(health) && health.status < 500)
    throw new SluiceError(
      "other-system",
      `no sluice answers at ${url}: GET /health/ is answered by ${inWords(health)}`,
      {
        hint: "the URL is the API's, without a path behind it, as the deploy printed it",
      },
    );
  requireAllowed(await ask({ asked: "GET /products?limit=1", signal }), token);
};
