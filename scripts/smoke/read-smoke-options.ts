import { CommanderError, InvalidArgumentError, Option, Command as Parser } from "commander";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { wholeNumber } from "../sluice/option-values.ts";
import type { Terminal } from "../sluice/terminal.ts";

export type SmokeOptions = {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: string | undefined;
  readonly metricsToken: string | undefined;
  /**
   * The stage whose rewind is planned; undefined leaves the rewind out. `local` is this machine's
   * stack.
   */
  readonly stage: string | undefined;
  /** Whether the rewind is executed, not only planned. */
  readonly rewind: boolean;
  /** The local stack, where the stage is `local`. */
  readonly stack: string;
  /** How long each step may take. */
  readonly deadlineMs: number;
  readonly json: boolean;
};

type Flags = {
  readonly url: string;
  readonly token?: string;
  readonly metricsToken?: string;
  readonly stage?: string;
  readonly rewind?: boolean;
  readonly name: string;
  readonly deadline: number;
  readonly json?: boolean;
};

const help = "`npm run smoke -- --help` tells the options";

const addressOf = (text: string): string => {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new InvalidArgumentError("it takes an address that begins with http:// or https://");
  if (url.search !== "" || url.hash !== "" || url.username !== "")
    throw new InvalidArgumentError("it takes an address without user, ? and #");
  return url.href.replace(/\/+$/, "");
};

/**
 * An empty variable of the environment is none; an empty option is a mistake, as a variable was
 * meant that is not set.
 */
const tokenOf = (option: string, given: string | undefined, variable: string | undefined): string | undefined => {
  const token = given ?? (variable === "" ? undefined : variable);
  if (token === undefined || /^[\x21-\x7e]+$/.test(token)) return token;
  throw new SluiceError("usage", `${option} takes a token: at least one character, and no blanks`, { hint: help });
};

const localHosts = new Set(["localhost", "127.0.0.1", "[::1]"]);

const parserOf = ({ env, out }: Terminal): Parser =>
  new Parser("npm run smoke --")
    .description(
      "Tries a system that was just deployed, as a caller would: a write, the outbox, a search, a reservation, a rewind's plan, the metrics.",
    )
    .addOption(
      new Option("--url <url>", "where the system answers: what the deploy printed")
        .argParser(addressOf)
        .makeOptionMandatory(),
    )
    .option("--token <token>", "the API's bearer token; SLUICE_TOKEN in the environment keeps it out of `ps`")
    .option("--metrics-token <token>", "the bearer token of /metrics; or METRICS_TOKEN in the environment")
    .option("--stage <stage>", "the stage whose rewind is planned; without it, `local` where the URL is this machine's")
    .option("--rewind", "a rewind that is executed, once nothing is unread; never on prod")
    .option("--name <stack>", "the local stack", env["SLUICE_STACK"] || "dev")
    .addOption(new Option("--deadline <seconds>", "for each step").argParser(wholeNumber).default(90))
    .option("--json", "one JSON document, for programs")
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: out, outputError: () => {} });

/** commander's `error: what\n(Did you mean …?)`, as one line and a hint. */
const usageFault = ({ code, message }: CommanderError): SluiceError => {
  if (code === "commander.missingMandatoryOptionValue")
    return new SluiceError("usage", "--url is missing: where does the system answer?", {
      hint: "`npm run smoke -- --url https://…` takes what `npx sst deploy` printed; of `npm start` it is http://localhost:8000",
    });
  const [what = "", suggestion] = message.replace(/^error: /, "").split("\n");
  return new SluiceError("usage", what, { hint: suggestion ?? help });
};

/** commander looks for what is missing first: a misspelt `--url` would be told as a missing one. */
const refuseUnknown = (parser: Parser, argv: readonly string[]): void => {
  const unknown = parser.parseOptions([...argv]).unknown.find((word) => word.startsWith("-"));
  if (unknown === undefined || unknown === "-h" || unknown === "--help") return;
  throw new SluiceError("usage", `there is no option ${unknown}`, { hint: help });
};

/**
 * @throws SluiceError `usage`: a rewind switches the mapping off and on, for which production does
 *   not wait
 */
const requireMayRewind = (rewind: boolean, stage: string | undefined): void => {
  if (!rewind) return;
  if (stage === undefined) throw new SluiceError("usage", "--rewind wants --stage: whose rewind?", { hint: help });
  if (stage === "prod")
    throw new SluiceError("usage", "--rewind is not for prod: there the rewind stays a plan", { hint: help });
};

/**
 * Reads the command line.
 * @returns undefined when it was asked for help, which is printed
 * @throws SluiceError `usage`
 */
export const readSmokeOptions = (terminal: Terminal): SmokeOptions | undefined => {
  const parser = parserOf(terminal);
  try {
    refuseUnknown(parserOf(terminal), terminal.argv);
    parser.parse([...terminal.argv], { from: "user" });
  } catch (fault) {
    if (!(fault instanceof CommanderError)) throw fault;
    if (fault.exitCode === 0) return undefined;
    throw usageFault(fault);
  }
  const { url, stage, name: stack, deadline, json = false, rewind = false, ...given } = parser.opts<Flags>();
  const { env } = terminal;
  const isLocal = localHosts.has(new URL(url).hostname);
  if (stage !== undefined && !/^[a-zA-Z0-9-]+$/.test(stage))
    throw new SluiceError("usage", `${stage === "" ? "nothing" : stage} is no stage's name`, { hint: help });
  const named = stage ?? (isLocal ? "local" : undefined);
  requireMayRewind(rewind, named);
  return {
    url,
    stack,
    json,
    rewind,
    token: tokenOf("--token", given.token, env["SLUICE_TOKEN"]),
    metricsToken: tokenOf("--metrics-token", given.metricsToken, env["METRICS_TOKEN"]),
    stage: named,
    deadlineMs: deadline * 1000,
  };
};
