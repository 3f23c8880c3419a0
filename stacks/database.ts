import { authority, authorityFileOnLambda, requireAuthority } from "./database-authorities.ts";
import { accessOf, allUsers, mayConnectAs, type Reached } from "./database-users.ts";
import { logGroup } from "./log-group.ts";
import type { Network } from "./network.ts";
import { serviceRole } from "./service-role.ts";
import type { StageSettings } from "./stage.ts";

const engine = "aurora-postgresql";
const major = "17";
const family = `${engine}${major}`;
const name = "sluice";
const user = "sluice";
const port = 5432;

/** Of the connections that the database bears, how many the proxy may open. */
export const maxConnectionsPercent = 90;

/**
 * Not `autovacuum_naptime`: docs/decisions/outbox.md asks for 15 s at the most, and Aurora's
 * default is 5 s.
 */
const parameters = [
  { name: "rds.force_ssl", value: "1" },
  { name: "log_min_duration_statement", value: "1000" },
  { name: "idle_in_transaction_session_timeout", value: "60000" },
];

/**
 * RDS takes lower case alone, and the names that Pulumi makes of a resource's own have capitals: so
 * each is named here. The stage is a part of it, as an account has one list of each for all stages.
 * The family is a part too: another group has to stand beside the old.
 * https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/rds/validate.go
 */
const namesIn = ({ name: stageName }: StageSettings) => {
  const prefix = `${$app.name}-${stageName}`;
  return { cluster: prefix, subnets: prefix, parameters: `${prefix}-${family}`, proxy: prefix };
};

/**
 * What PostgreSQL 17 has as its default minor when the stage is made. From then on AWS raises
 * minors by itself, in the maintenance window, and `ignoreChanges` keeps a deploy from asking for
 * the older one back, which RDS refuses. `latest` takes one, should AWS name two.
 */
const engineVersion = () =>
  aws.rds.getEngineVersionOutput({ engine, version: major, defaultOnly: true, latest: true }).version;

const cluster = (stage: StageSettings, net: Network, password: $util.Output<string>) => {
  const { isProduction, database } = stage;
  const names = namesIn(stage);
  const subnets = new aws.rds.SubnetGroup("DatabaseSubnets", { name: names.subnets, subnetIds: net.subnets });
  const settings = new aws.rds.ClusterParameterGroup("DatabaseParameters", {
    name: names.parameters,
    family,
    parameters,
  });
  const logs = logGroup("DatabaseLogs", `/aws/rds/cluster/${names.cluster}/postgresql`, stage);
  const made = new aws.rds.Cluster(
    "Database",
    {
      clusterIdentifier: names.cluster,
      engine,
      engineMode: "provisioned", // what Serverless v2 is a kind of
      engineVersion: engineVersion(),
      databaseName: name,
      masterUsername: user,
      masterPassword: password, // of the owner, as whom `provision` alone signs in; functions' users have tokens
      iamDatabaseAuthenticationEnabled: true,
      dbSubnetGroupName: subnets.name,
      dbClusterParameterGroupName: settings.name,
      vpcSecurityGroupIds: [net.database],
      serverlessv2ScalingConfiguration: { minCapacity: database.minUnits, maxCapacity: database.maxUnits },
      storageType: database.isIoOptimized ? "aurora-iopt1" : "",
      storageEncrypted: true,
      backupRetentionPeriod: database.backupDays,
      preferredBackupWindow: "02:00-03:00",
      preferredMaintenanceWindow: "sun:03:30-sun:04:30",
      copyTagsToSnapshot: true,
      deletionProtection: isProduction,
      skipFinalSnapshot: !isProduction,
      ...(isProduction && { finalSnapshotIdentifier: `sluice-${stage.name}-final` }),
      enabledCloudwatchLogsExports: ["postgresql"],
      applyImmediately: true, // a deploy says what holds; major versions are raised by hand: docs/DEPLOY.md
      allowMajorVersionUpgrade: false,
    },
    { protect: isProduction, dependsOn: [logs], ignoreChanges: ["engineVersion"] },
  );
  const instances = Array.from(
    { length: 1 + database.standbys },
    (_, index) =>
      new aws.rds.ClusterInstance(
        `DatabaseInstance${index}`,
        {
          identifier: `${names.cluster}-${index}`,
          clusterIdentifier: made.id,
          instanceClass: "db.serverless",
          engine, // its version is the cluster's
          autoMinorVersionUpgrade: true,
          performanceInsightsEnabled: true, // AWS's name for Database Insights in standard mode
          caCertIdentifier: authority,
          promotionTier: index,
        },
        { protect: isProduction },
      ),
  );
  return { made, instances };
};

/**
 * Many short-lived functions on few connections, and a failover without a storm of reconnects.
 * Tokens all the way: a function signs in to the proxy with a token for its own user, and the proxy
 * to the cluster with one of its own for the same user, so there is no secret.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-iam-migration.html
 */
const proxy = (stage: StageSettings, net: Network, { made, instances }: ReturnType<typeof cluster>) => {
  const role = serviceRole("DatabaseProxy", {
    service: "rds.amazonaws.com",
    permissions: [mayConnectAs(made.clusterResourceId, allUsers)],
    namesAccount: false, // AWS does not say that a proxy does; if not, it could never sign in
  });
  const name = namesIn(stage).proxy;
  const logs = logGroup("DatabaseProxyLogs", `/aws/rds/proxy/${name}`, stage);
  const front = new aws.rds.Proxy(
    "DatabaseProxy",
    {
      name,
      engineFamily: "POSTGRESQL",
      requireTls: true,
      defaultAuthScheme: "IAM_AUTH",
      roleArn: role.arn,
      vpcSubnetIds: net.subnets,
      vpcSecurityGroupIds: [net.database],
    },
    { dependsOn: [role.may, logs] }, // without the policy it could not sign in, and its target would stay unavailable
  );
  const group = new aws.rds.ProxyDefaultTargetGroup("DatabaseProxyGroup", {
    dbProxyName: front.name,
    connectionPoolConfig: { maxConnectionsPercent, maxIdleConnectionsPercent: 30, connectionBorrowTimeout: 5 },
  });
  const target = new aws.rds.ProxyTarget(
    "DatabaseProxyTarget",
    { dbProxyName: front.name, targetGroupName: group.name, dbClusterIdentifier: made.clusterIdentifier },
    { dependsOn: instances },
  );
  return {
    endpoint: front.endpoint,
    name: front.name,
    id: front.arn.apply((arn) => arn.split(":").at(-1) ?? ""),
    ready: target,
  };
};

/** Aurora PostgreSQL 17, Serverless v2, and in production RDS Proxy before it. No Data API: it knows no pipelining and has its own limits. */
export const database = (stage: StageSettings, net: Network) => {
  requireAuthority(net.region, $cli.paths.root);
  // A new word here is a new password with the next deploy: docs/SECURITY.md, rotation.
  const { result: password } = new random.RandomPassword("DatabasePassword", {
    length: 40,
    special: false,
    keepers: { rotation: "2026-11" },
  });
  const made = cluster(stage, net, password);
  const pooled = stage.database.hasProxy ? proxy(stage, net, made) : undefined;
  // An instance has a certificate of RDS's authority, which is packed; the proxy has a public one.
  const tls = "sslmode=verify-full";
  const direct = $interpolate`${made.made.endpoint}:${port}/${name}?${tls}&sslrootcert=${authorityFileOnLambda}`;
  const reached: Reached = pooled
    ? { address: $interpolate`${pooled.endpoint}:${port}/${name}?${tls}`, resourceId: pooled.id, pooler: "transaction" }
    : { address: direct, resourceId: made.made.clusterResourceId, pooler: "none" };
  const tried = accessOf(reached)("probes");
  return {
    cluster: made.made,
    proxyName: pooled?.name,
    /**
     * For `provision`, which owns the schema. It goes past the proxy, which takes no passwords.
     * When it has made the users, it signs in as one of them, by the functions' way.
     */
    owner: {
      links: [
        new sst.Linkable("DatabaseUrl", {
          properties: { value: $util.secret($interpolate`postgres://${user}:${password}@${direct}`) },
        }),
      ],
      environment: {
        ...{ DATABASE_AUTH: "password", DATABASE_POOLER: "none", DATABASE_USERS: "iam" },
        USERS_DATABASE_URL: tried.environment.DATABASE_URL,
      },
      permissions: tried.permissions,
    },
    /** For every other function. */
    accessOf: accessOf(reached),
    ready: pooled ? [...made.instances, pooled.ready] : made.instances,
  };
};

export type Database = ReturnType<typeof database>;
