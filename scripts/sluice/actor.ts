import { hostname, userInfo } from "node:os";
import type { Environment } from "../stack/settings.ts";

/** Who is at work, for the audit: SLUICE_ACTOR, else the user of this machine. */
export const actorOf = (env: Environment): string => env["SLUICE_ACTOR"] || `${userInfo().username}@${hostname()}`;
