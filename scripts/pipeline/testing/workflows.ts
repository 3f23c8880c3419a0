import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { repository } from "../../stack/paths.ts";

export type Step = {
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
};

export type Job = {
  readonly if?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": unknown };
  readonly environment?: string;
  readonly "timeout-minutes"?: number;
  readonly steps?: readonly Step[];
};

export type Workflow = {
  readonly file: string;
  readonly text: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
};

const folder = join(repository, ".github/workflows");

const readWorkflow = (file: string): Workflow => {
  const text = readFileSync(join(folder, file), "utf8");
  return { file, text, ...parse(text) };
};

export const workflows: readonly Workflow[] = readdirSync(folder).sort().map(readWorkflow);

export type NamedJob = { readonly where: string; readonly workflow: Workflow; readonly job: Job };

/** Every job of every workflow; `deploy.yml: prod` says where it stands. */
export const jobs: readonly NamedJob[] = workflows.flatMap((workflow) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ where: `${workflow.file}: ${name}`, workflow, job })),
);

export type NamedStep = NamedJob & { readonly step: Step };

export const steps: readonly NamedStep[] = jobs.flatMap((each) =>
  (each.job.steps ?? []).map((step) => ({ ...each, step })),
);
