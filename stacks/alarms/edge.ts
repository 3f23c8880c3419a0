import type { Alarm } from "./alarm.ts";

/**
 * What callers meet, whatever answered it: a function, a limit, or API Gateway itself.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
 */
export const ofTheEdge = (apiId: $util.Input<string>): readonly Alarm[] => {
  const edge = {
    namespace: "AWS/ApiGateway",
    dimensions: { ApiId: apiId },
    runbook: "Callers meet errors",
    missing: "notBreaching",
  } as const;
  return [
    {
      ...edge,
      name: "Http5xx",
      description: "More than ten requests a minute have been answered by 5xx for five minutes.", // a health check's own 503 are fewer
      metric: "5xx",
      statistic: "Sum",
      above: 10,
      minutes: 5,
    },
    {
      ...edge,
      name: "HttpLatency",
      description: "One request in a hundred has taken longer than two seconds for ten minutes.",
      metric: "Latency",
      statistic: "p99",
      above: 2_000,
      minutes: 10,
    },
  ];
};
