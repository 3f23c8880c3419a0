import { brokenMetric } from "./alarm-metrics.ts";
import type { Asked, Finding } from "./finding.ts";

/**
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
const source = "CloudWatch API, dashboard body structure and syntax";

type Widget = {
  readonly type?: string;
  readonly x?: number;
  readonly y?: number;
  readonly width?: number;
  readonly height?: number;
  readonly properties?: Readonly<Record<string, unknown>>;
};

const kinds = ["alarm", "custom", "explorer", "log", "metric", "text"];
const views = ["bar", "gauge", "pie", "singleValue", "table", "timeSeries"];
const between = (value: unknown, least: number, most: number): boolean =>
  Number.isInteger(value) && Number(value) >= least && Number(value) <= most;

/** Shorthands: `.` repeats the entry above it, `...` all that stands before. */
const expanded = (rows: readonly (readonly unknown[])[]): readonly (readonly string[])[] => {
  let above: readonly string[] = [];
  return rows.map((row) => {
    const names = row.filter((part): part is string => typeof part === "string");
    const own = names[0] === "..." ? [...above.slice(0, above.length - names.length + 1), ...names.slice(1)] : names;
    above = own.map((part, index) => (part === "." ? (above[index] ?? part) : part));
    return above;
  });
};

const ofMetrics = (properties: Readonly<Record<string, unknown>>): readonly string[] => {
  const { metrics, region, view = "timeSeries", period } = properties;
  if (!Array.isArray(metrics) || metrics.length === 0) return ["a metric widget has metrics"];
  return [
    ...(typeof region === "string" ? [] : ["a metric widget has a region"]),
    ...(views.includes(String(view)) ? [] : [`the view is one of ${views.join(", ")}`]),
    ...(period === undefined || Number(period) % 60 === 0 ? [] : ["the period is whole minutes"]),
    ...expanded(metrics).flatMap(([namespace = "", metric = "", ...dimensions]) => {
      if (dimensions.length % 2 === 1) return [`each dimension of ${metric} has a name and a value`];
      const names = dimensions.filter((_, index) => index % 2 === 0);
      return brokenMetric(namespace, metric, names) ?? [];
    }),
  ];
};

const ofWidget = ({ type = "", x = 0, y = 0, width = 6, height = 6, properties }: Widget): readonly string[] => [
  ...(kinds.includes(type) ? [] : [`the type of a widget is one of ${kinds.join(", ")}`]),
  ...(between(x, 0, 23) && between(width, 1, 24) && x + width <= 24 ? [] : ["x and width stay within 24 columns"]),
  ...(between(y, 0, Number.MAX_SAFE_INTEGER) && between(height, 1, 1000) ? [] : ["height is from 1 to 1000"]),
  ...(properties ? (type === "metric" ? ofMetrics(properties) : []) : ["a widget has properties"]),
];

export const dashboardFindings = ({ type, name: resource, inputs }: Asked): readonly Finding[] => {
  if (type !== "aws:cloudwatch/dashboard:Dashboard") return [];
  const { widgets = [] } = JSON.parse(String(inputs["dashboardBody"])) as { readonly widgets?: readonly Widget[] };
  return [
    ...(widgets.length > 500 ? ["at most 500 widgets"] : []),
    ...widgets.flatMap((widget, index) => ofWidget(widget).map((rule) => `widget ${index}: ${rule}`)),
  ].map((rule) => ({ type, resource, property: "dashboardBody", rule, source }));
};
