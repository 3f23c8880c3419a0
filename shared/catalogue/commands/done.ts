import type { Told } from "../to-outbox-message.ts";

/** Why a command changes nothing. */
export type Refusal = { readonly reason: string; readonly detail: Readonly<Record<string, unknown>> };

/** What a command came to: what is to be told of it, in order, and the refusal when it was refused. */
export type Done = { readonly told: readonly Told[]; readonly refusal?: Refusal };
