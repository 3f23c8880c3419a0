import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The names that the deploy gives where the program gives none. Pulumi's bridge gives one to every
 * resource with an input `name`: the resource's name, a dash and seven hexadecimal digits, capitals
 * as they are (pulumi-terraform-bridge `pkg/info/autonaming.go`, SetAutonaming;
 * `pkg/tfbridge/names.go`, FromName; pulumi-aws `provider/resources.go` calls `SetAutonaming(255,
 * "-")`). SST's own components name theirs by themselves: those come with a name.
 */
type Naming = { readonly property: string; readonly most: number; readonly lowerCase?: true };

/** Where pulumi-aws says otherwise: `provider/resources.go`, `AutoName…` of each resource. */
const otherwise: Readonly<Record<string, Naming>> = {
  "aws:dynamodb/table:Table": { property: "name", most: 255 },
  "aws:ec2/keyPair:KeyPair": { property: "keyName", most: 255 },
  "aws:iam/role:Role": { property: "name", most: 64 },
  "aws:lambda/function:Function": { property: "name", most: 64 },
  "aws:opensearch/domain:Domain": { property: "domainName", most: 255 },
  "aws:s3/bucket:Bucket": { property: "bucket", most: 63, lowerCase: true },
  "aws:sns/topic:Topic": { property: "name", most: 80 },
  "aws:sqs/queue:Queue": { property: "name", most: 80 },
};

/** `tf-` and 26 digits, another for each resource: `id.PrefixedUniqueId`. */
const uniqueId = (prefix: string, name: string): string =>
  `${prefix}20260101${BigInt(`0x${createHash("sha256").update(name).digest("hex")}`)
    .toString()
    .slice(0, 18)}`;

/**
 * What Terraform's provider itself sends where nothing is given: the files of `internal/service`
 * say so.
 */
const byTerraform: Readonly<Record<string, (name: string) => Readonly<Record<string, string>>>> = {
  // budgets/budget.go: the caller's account
  "aws:budgets/budget:Budget": () => ({ accountId: "123456789012" }),
  // lambda/function_event_invoke_config.go: without a qualifier it is that of the unpublished
  // version
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": () => ({ qualifier: "$LATEST" }),
  // lambda/permission.go
  "aws:lambda/permission:Permission": (name) => ({ statementId: uniqueId("terraform-", name) }),
  // rds/cluster.go and rds/cluster_instance.go
  "aws:rds/cluster:Cluster": (name) => ({ clusterIdentifier: uniqueId("tf-", name) }),
  "aws:rds/clusterInstance:ClusterInstance": (name) => ({ identifier: uniqueId("tf-", name) }),
  // rds/proxy_default_target_group.go: there is one, and this is its name
  "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": () => ({ name: "default" }),
};

const random = "-a1b2c3d";

/**
 * Whether the provider's resource takes `name`: its type declaration says so. The files of
 * `@pulumi/aws` are in `provider`.
 */
const takesName = (provider: string, type: string): boolean => {
  const [, file = "", name = ""] = /^aws:([^:]+):(\w+)$/.exec(type) ?? [];
  if (file === "") return false;
  const declaration = readFileSync(join(provider, `${file}.d.ts`), "utf8");
  const [, args = ""] = declaration.split(`export interface ${name}Args {`);
  return /^ {4}name\??: pulumi\.Input<string( \| undefined)?>;/m.test(args);
};

/** What a deploy adds to a resource's inputs. */
export const automaticNames = (
  provider: string,
  { type, name, inputs }: { readonly type: string; readonly name: string; readonly inputs: Record<string, unknown> },
): Record<string, string> => {
  const terraforms = Object.entries(byTerraform[type]?.(name) ?? {});
  if (terraforms.length > 0) return Object.fromEntries(terraforms.filter(([property]) => !(property in inputs)));
  const naming = otherwise[type] ?? (takesName(provider, type) ? { property: "name", most: 255 } : undefined);
  if (!naming || naming.property in inputs) return {};
  const text = `${naming.lowerCase ? name.toLowerCase() : name}`.slice(0, naming.most - random.length);
  return { [naming.property]: text + random };
};
