import { causeInWords } from "../../shared/operations/cause-in-words.ts";

/** A step of an execution, as it goes. */
export type Step =
  | { readonly kind: "entered"; readonly state: string; readonly at: number }
  /** A task failed: the machine tries it again, or goes another way. */
  | {
      readonly kind: "failed";
      readonly state: string;
      readonly at: number;
      readonly error: string;
      readonly cause: string;
    };

export type StepTeller = (step: Step) => void;

const firstLine = (cause: string): string => causeInWords(cause).split("\n")[0] ?? "";

/**
 * A line a step, with the seconds since the beginning; with `json` an object of the same.
 * @param startedAt milliseconds since 1970
 */
export const stepLines =
  (write: (text: string) => void, startedAt: number, json: boolean): StepTeller =>
  (step) => {
    if (json) return write(`${JSON.stringify(step)}\n`);
    const seconds = ((step.at - startedAt) / 1000).toFixed(1).padStart(7);
    const failed = step.kind === "failed" ? ` failed: ${step.error}: ${firstLine(step.cause)}` : "";
    write(`${seconds} s  ${step.state}${failed}\n`);
  };
