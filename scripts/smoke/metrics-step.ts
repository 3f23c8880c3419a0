import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { inWords } from "./ask-api.ts";
import { leftOut, type Outcome, passed, type StepParts } from "./step.ts";

/** The samples of one name in Prometheus' text format: their labels, and their values. */
const samplesOf = (text: string, name: string): readonly { readonly labels: string; readonly value: number }[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .map((line) => {
      const end = line.lastIndexOf(" ");
      return { labels: line.slice(name.length, end), value: Number(line.slice(end + 1)) };
    });

/**
 * `/metrics` has a token of its own, which the scraper has and a caller need not have: without it a
 * 401 shows that the metrics are there and guarded, and the step is left out. With a token, a 401
 * is a failure.
 */
export const askForMetrics = async ({ ask, options, signal }: StepParts): Promise<Outcome> => {
  const { metricsToken } = options;
  const answer = await ask({ asked: "GET /metrics", signal, token: metricsToken ?? null });
  if (answer.status === 401 && metricsToken === undefined)
    return leftOut("they ask for a token, as they should: --metrics-token or METRICS_TOKEN brings it");
  if (answer.status === 401)
    throw new SluiceError("refused-token", `the token of /metrics is refused (${inWords(answer)})`, {
      hint: "METRICS_TOKEN is another than the stage's; docs/DEPLOY.md tells how to read it",
    });
  if (answer.status !== 200)
    throw new SluiceError("unexpected-answer", `GET /metrics is answered by ${inWords(answer)}`);
  const sources = samplesOf(answer.text, "metrics_source_up");
  if (sources.length === 0) throw new SluiceError("no-metrics", "GET /metrics names no source of metrics");
  const down = sources.filter(({ value }) => value !== 1).map(({ labels }) => labels);
  if (down.length > 0) throw new SluiceError("source-down", `metrics cannot be read of ${down.join(", ")}`);
  const sum = (name: string) => samplesOf(answer.text, name).reduce((total, { value }) => total + value, 0);
  return passed(
    `${sources.length} sources can be read; ${sum("outbox_pending")} rows pending, lag ${sum("kafka_consumergroup_lag")}`,
  );
};
