import { metricsNamespace } from "./account.ts";
import { monitor } from "./alarms/own.ts";
import type { Consumers } from "./consumers.ts";
import type { StageSettings } from "./stage.ts";

const widget = (region: string, title: string, metrics: readonly (readonly string[])[], place: number) => ({
  type: "metric",
  ...{ x: (place % 2) * 12, y: Math.floor(place / 2) * 6, width: 12, height: 6 },
  properties: { title, region, metrics, period: 60, stat: "Maximum", view: "timeSeries" },
});

const sums = (names: readonly string[], service: string) =>
  names.map((name) => [metricsNamespace(), name, "service", service, { stat: "Sum" }] as unknown as readonly string[]);

/** One page: is anything waiting, is anything lost, is anything slow. */
export const dashboard = (stage: StageSettings, mapped: Consumers) => {
  const { region } = aws.getRegionOutput();
  const consumerNames = mapped.map(({ consumer }) => consumer.name);
  new aws.cloudwatch.Dashboard("Dashboard", {
    dashboardName: `sluice-${stage.name}`,
    dashboardBody: $util.all([region, consumerNames]).apply(([region, names]) =>
      JSON.stringify({
        widgets: [
          widget(
            region,
            "Outbox: oldest pending, ms",
            [[metricsNamespace(), "OldestPendingAgeMs", "service", "outbox-publisher"]],
            0,
          ),
          widget(region, "Outbox: sent", sums(["Sent", "Parked", "SendFailed"], "outbox-publisher"), 1),
          widget(
            region,
            "Lag, records",
            names.map((name) => ["AWS/Lambda", "OffsetLag", "FunctionName", name]),
            2,
          ),
          ...mapped.map(({ group }, index) =>
            widget(
              region,
              `${group.functionName}: outcomes`,
              sums(["Applied", "Duplicate", "Rejected", "Ignored", "DeadLettered", "GivenBack"], group.functionName),
              3 + index,
            ),
          ),
          widget(
            region,
            "Dead letters: open",
            [[metricsNamespace(), "DeadLettersOpen", "service", monitor]],
            3 + mapped.length,
          ),
        ],
      }),
    ),
  });
};
