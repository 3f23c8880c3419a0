import type { Network } from "./network.ts";
import { serviceRole } from "./service-role.ts";
import type { StageSettings } from "./stage.ts";

const family = "aurora-postgresql17";
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

const cluster = (stage: StageSettings, net: Network, password: $util.Output<string>) => {
  const { isProduction, database } = stage;
  const subnets = new aws.rds.SubnetGroup("DatabaseSubnets", { subnetIds: net.subnets });
  const settings = new aws.rds.ClusterParameterGroup("DatabaseParameters", { family, parameters });
  const made = new aws.rds.Cluster(
    "Database",
    {
      engine: "aurora-postgresql",
      engineMode: "provisioned", // what Serverless v2 is a kind of
      engineVersion: "17.5",
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
      copyTagsToSnapshot: true,
      deletionProtection: isProduction,
      skipFinalSnapshot: !isProduction,
      ...(isProduction && { finalSnapshotIdentifier: `sluice-${stage.name}-final` }),
      enabledCloudwatchLogsExports: ["postgresql"],
      applyImmediately: true, // a deploy says what holds; major versions are raised by hand: docs/DEPLOY.md
      allowMajorVersionUpgrade: false,
    },
    { protect: isProduction },
  );
  const instances = Array.from(
    { length: 1 + database.standbys },
    (_, index) =>
      new aws.rds.ClusterInstance(
        `DatabaseInstance${index}`,
        {
          clusterIdentifier: made.id,
          instanceClass: "db.serverless",
          engine: "aurora-postgresql",
          engineVersion: made.engineVersion,
          performanceInsightsEnabled: true,
          promotionTier: index,
        },
        { protect: isProduction },
      ),
  );
  return { made, instances };
};

/** Many short-lived functions on few connections, and a failover without a storm of reconnects. */
const proxy = (net: Network, { made, instances }: ReturnType<typeof cluster>, password: $util.Output<string>) => {
  const secret = new aws.secretsmanager.Secret("DatabaseProxySecret", { recoveryWindowInDays: 0 });
  const version = new aws.secretsmanager.SecretVersion("DatabaseProxySecretVersion", {
    secretId: secret.id,
    secretString: $jsonStringify({ username: user, password }),
  });
  const role = serviceRole("DatabaseProxy", {
    service: "rds.amazonaws.com",
    permissions: [{ actions: ["secretsmanager:GetSecretValue"], resources: [secret.arn] }],
    namesAccount: false, // AWS does not say that a proxy does; if not, it would never get its secret
  });
  const front = new aws.rds.Proxy("DatabaseProxy", {
    engineFamily: "POSTGRESQL",
    requireTls: true,
    auths: [{ authScheme: "SECRETS", iamAuth: "DISABLED", secretArn: version.arn.apply(() => secret.arn) }],
    roleArn: role.arn,
    vpcSubnetIds: net.subnets,
    vpcSecurityGroupIds: [net.database],
  });
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
  const pooled = stage.database.hasProxy ? proxy(net, made, password) : undefined;
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
