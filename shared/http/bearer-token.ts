import { createHash, timingSafeEqual } from "node:crypto";
import { ProblemError } from "./problem.ts";
import { problem } from "./problem-kinds.ts";

/** Digests are of one length, so that neither the token nor its length shows in how long the comparison takes. */
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/**
 * Lets a request pass that brings this token. https://www.rfc-editor.org/rfc/rfc6750
 * @param authorization the header
 * @throws ProblemError 401
 */
export const requireBearer = (authorization: string | undefined, token: string): void => {
  const [, given = ""] = /^bearer +(.*)$/i.exec(authorization ?? "") ?? [];
  if (timingSafeEqual(digest(given), digest(token))) return;
  const detail = authorization === undefined ? "a bearer token is required" : "the token is not the one that is wanted";
  throw new ProblemError(
    problem("unauthorized", detail, {
      errors: [{ header: "Authorization", detail }],
      headers: { "www-authenticate": "Bearer" },
    }),
  );
};
