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

/** As docs/decisions/outbox.md asks: a vacuum each 15 s, as a claim walks over the index entries of what was sent since the last one. */
const parameters = [
  { name: "autovacuum_naptime", value: "15" },
  { name: "rds.force_ssl", value: "1" },
  { name: "log_min_duration_statement", value: "1000" },
  { name: "idle_in_transaction_session_timeout", value: "60000" },
];

/**
 * RDS takes lower case alone, and the names that Pulumi makes of a resource's own have capitals: so each is named here. The stage is a
 * part of it, as an account has one list of each for all stages. The family is a part too: another group has to stand beside the old.
 * https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/rds/validate.go
 */
const namesIn = ({ name: stageName }: StageSettings) => {
  const prefix = `${$app.name}-${stageName}`;
  return { cluster: prefix, subnets: prefix, parameters: `${prefix}-${family}`, proxy: prefix };
};

/**
 * What PostgreSQL 17 has as its default minor when the stage is made. From then on AWS raises minors by itself, in the maintenance
 * window, and `ignoreChanges` keeps a deploy from asking for the older one back, which RDS refuses.
 */
const engineVersion = () => aws.rds.getEngineVersionOutput({ engine, version: major, defaultOnly: true }).version;

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
      masterPassword: password,
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
          performanceInsightsEnabled: true,
          promotionTier: index,
        },
        { protect: isProduction },
      ),
  );
  return { made, instances };
};

/** Many short-lived functions on few connections, and a failover without a storm of reconnects. */
const proxy = (
  stage: StageSettings,
  net: Network,
  { made, instances }: ReturnType<typeof cluster>,
  password: $util.Output<string>,
) => {
  const secret = new aws.secretsmanager.Secret("DatabaseProxySecret", {
    recoveryWindowInDays: stage.isProduction ? 30 : 0, // 0 deletes at once: a stage of the same name may be made again
  });
  const version = new aws.secretsmanager.SecretVersion("DatabaseProxySecretVersion", {
    secretId: secret.id,
    secretString: $jsonStringify({ username: user, password }),
  });
  const role = serviceRole("DatabaseProxy", {
    service: "rds.amazonaws.com",
    permissions: [{ actions: ["secretsmanager:GetSecretValue"], resources: [secret.arn] }],
    namesAccount: false, // AWS does not say that a proxy does; if not, it would never get its secret
  });
  const name = namesIn(stage).proxy;
  const logs = logGroup("DatabaseProxyLogs", `/aws/rds/proxy/${name}`, stage);
  const front = new aws.rds.Proxy(
    "DatabaseProxy",
    {
      name,
      engineFamily: "POSTGRESQL",
      requireTls: true,
      auths: [{ authScheme: "SECRETS", iamAuth: "DISABLED", secretArn: version.arn.apply(() => secret.arn) }],
      roleArn: role.arn,
      vpcSubnetIds: net.subnets,
      vpcSecurityGroupIds: [net.database],
    },
    { dependsOn: [role.may, logs] }, // without the policy it could not read the secret, and its target would stay unavailable
  );
  const group = new aws.rds.ProxyDefaultTargetGroup("DatabaseProxyGroup", {
    dbProxyName: front.name,
    connectionPoolConfig: { maxConnectionsPercent: 90, maxIdleConnectionsPercent: 30, connectionBorrowTimeout: 5 },
  });
  const target = new aws.rds.ProxyTarget(
    "DatabaseProxyTarget",
    { dbProxyName: front.name, targetGroupName: group.name, dbClusterIdentifier: made.clusterIdentifier },
    { dependsOn: instances },
  );
  return { endpoint: front.endpoint, ready: target };
};

/** Aurora PostgreSQL 17, Serverless v2, and in production RDS Proxy before it. No Data API: it knows no pipelining and has its own limits. */
export const database = (stage: StageSettings, net: Network) => {
  // A new word here is a new password with the next deploy: docs/SECURITY.md, rotation.
  const { result: password } = new random.RandomPassword("DatabasePassword", {
    length: 40,
    special: false,
    keepers: { rotation: "2026-11" },
  });
  const made = cluster(stage, net, password);
  const pooled = stage.database.hasProxy ? proxy(stage, net, made, password) : undefined;
  const host = pooled?.endpoint ?? made.made.endpoint;
  // The proxy's certificate is signed by a public authority; Aurora's own by Amazon's for RDS, which the runtime has in this file.
  const trust = pooled ? "" : "&sslrootcert=/var/runtime/ca-cert.pem";
  const value = $util.secret(
    $interpolate`postgres://${user}:${password}@${host}:${port}/${name}?sslmode=verify-full${trust}`,
  );
  return {
    cluster: made.made,
    link: new sst.Linkable("DatabaseUrl", { properties: { value } }),
    environment: { DATABASE_POOLER: pooled ? "transaction" : "none" },
    ready: pooled ? [pooled.ready] : made.instances,
  };
};

export type Database = ReturnType<typeof database>;
