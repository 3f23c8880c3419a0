import { packageFunctions } from "./package/package-functions.ts";
import { sizeBudgetsKb } from "./package/size-budgets.ts";

/** `npm run package`: every function as the zip that Lambda gets, into `dist/`. Fails when one is over its budget. */
const packages = await packageFunctions();
const rows = packages.map(({ name, zip, sourceMap }) => ({
  function: name,
  "zip KB": Math.ceil(zip.length / 1000),
  "budget KB": sizeBudgetsKb[name] ?? "none",
  "source map KB": Math.ceil(sourceMap.length / 1000),
}));
console.table(rows);
const over = packages.filter(({ name, zip }) => zip.length > (sizeBudgetsKb[name] ?? 0) * 1000);
for (const { name } of over) console.error(`${name} is over its budget: dist/${name}.meta.json says what is in it`);
process.exitCode = over.length === 0 ? 0 : 1;
