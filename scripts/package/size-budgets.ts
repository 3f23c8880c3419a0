/**
 * What each function may weigh zipped, in KB of 1,000 bytes: some 15% above what it weighs, so that a dependency is seen when it comes in.
 * 600 is the most for what a request or a record waits for; see docs/decisions/packages.md for those that may have more.
 */
export const sizeBudgetsKb: Readonly<Record<string, number>> = {
  api: 430,
  probes: 600,
  "outbox-publisher": 505,
  "product-event-consumer": 600,
  "product-command-consumer": 520,
  "reservation-sweeper": 165,
  "projection-verifier": 420,
  "dead-letter-monitor": 500,
  provision: 795,
  operations: 800,
  replay: 680,
  "dlq-republish": 520,
};
