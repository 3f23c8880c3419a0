import type { WithMaker } from "./function.ts";
import { searchPolicies } from "./policies/search.ts";
import { schedule } from "./schedule.ts";

const name = "projection-verifier";

/** Compares a sample of the read models with the write model. It writes to neither. */
export const verifier = ({ make, index }: WithMaker) => {
  const made = make(name, {
    environment: { ...index.environment },
    permissions: searchPolicies(index).verify,
    reserved: 1,
  });
  schedule(name, made);
  return made;
};
