import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * `node scripts/run-function.ts FILE EVENT TIMEOUT_MS`: invokes the handler of a function's module once, in this process, with a context that
 * has a deadline. Prints what it answered and the peak resident memory as the last line of standard output. For benches and fault
 * tests, which measure or kill one function alone; `npm run invoke` is for people.
 */
const [file = "", event = "{}", timeoutMs = "60000"] = process.argv.slice(2);
const { handler } = (await import(pathToFileURL(resolve(file)).href)) as {
  handler: (event: unknown, context: unknown) => Promise<unknown>;
};
const deadline = Date.now() + Number(timeoutMs);
const answer = await handler(JSON.parse(event), {
  awsRequestId: "run-function",
  getRemainingTimeInMillis: () => deadline - Date.now(),
});
const peakRssMb = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(`${JSON.stringify({ answer, peakRssMb })}\n`, () => process.exit(0));
