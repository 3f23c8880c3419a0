import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** A service as docker-compose.yml gives it, merged with its anchors. */
export type ComposeService = {
  readonly image: string;
  readonly build?: string;
  readonly pull_policy?: string;
  readonly hostname?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly restart?: string;
  readonly stop_grace_period?: string;
  readonly init?: boolean;
  readonly profiles?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
};

export type ComposeFile = {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};

const read = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");

export const composeFile: ComposeFile = parse(read("docker-compose.yml"), { merge: true });

export const dockerfile = read("Dockerfile");

/** The function that a service's host runs. */
export const hostedBy = ({ command = [] }: ComposeService): readonly string[] => {
  const at = command.indexOf("--only");
  return at < 0 ? [] : (command[at + 1] ?? "").split(",");
};

/** The services that are built from our own image and go on. */
export const hosts: readonly (readonly [name: string, service: ComposeService])[] = Object.entries(
  composeFile.services,
).filter(([, service]) => hostedBy(service).length > 0);

/** What the image sets: the last ENV of the Dockerfile. */
export const imageEnvironment: Readonly<Record<string, string>> = Object.fromEntries(
  (/^ENV (.*)$/m.exec(dockerfile)?.[1] ?? "").split(" ").map((pair) => pair.split("=") as [string, string]),
);
