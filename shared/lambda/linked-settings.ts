import { Resource } from "sst/resource";

/** Which SST link gives which variable: its property `value`, as `sst.Secret` and a Linkable have it. */
const links: Readonly<Record<string, string>> = {
  DATABASE_URL: "DatabaseUrl",
  METRICS_TOKEN: "MetricsToken",
};

type Environment = Readonly<Record<string, string | undefined>>;

/** SST gives links by variables of its own: the key of an encrypted file in the package, or the link itself under `sst dev`. */
const hasLinks = (environment: Environment): boolean =>
  Object.keys(environment).some((name) => name === "SST_KEY" || name.startsWith("SST_RESOURCE"));

const linked = (link: string): string | undefined => {
  if (!(link in Resource)) return undefined; // asking for one that is not linked throws
  const { value } = (Resource as unknown as Readonly<Record<string, { readonly value?: unknown }>>)[link] ?? {};
  return typeof value === "string" && value !== "" ? value : undefined;
};

/**
 * The settings that are secret, by links: they are in no plain environment, so neither in the console nor in a template.
 * Nothing where nothing is linked, as on a laptop.
 */
export const linkedSettings = (environment: Environment): Readonly<Record<string, string>> => {
  if (!hasLinks(environment)) return {};
  const found = Object.entries(links).map(([name, link]) => [name, linked(link)] as const);
  return Object.fromEntries(found.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
};
