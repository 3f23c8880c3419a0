/**
 * What neither CloudFormation's schema nor a request of AWS's knows, by type and property, and why
 * that is right. A property that is in no source and not here fails the test.
 */
const properties: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "aws:ec2/internetGateway:InternetGateway": {
    vpcId: "the provider attaches it by a request of its own, AttachInternetGateway; SST writes it",
  },
  "aws:lambda/invocation:Invocation": {
    triggers: "of the provider alone: a call is made again when one of them changes",
  },
  "aws:rds/cluster:Cluster": {
    allowMajorVersionUpgrade: "of ModifyDBCluster: the provider sends it with a change of the version",
    applyImmediately: "of ModifyDBCluster: whether a change waits for the maintenance window",
    finalSnapshotIdentifier: "of DeleteDBCluster; its form is a row of provider-validators.ts",
    skipFinalSnapshot: "of DeleteDBCluster",
  },
  "aws:s3/bucketObjectv2:BucketObjectv2": { source: "the file on this machine that is sent as the body" },
};

/** Whole types, and why. */
const types: Readonly<Record<string, string>> = {
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup":
    "SST's own: the provider adopts the group that each VPC has and takes its rules off; no request makes it",
};

/** Why a property is held to no rule; undefined if nobody says so. */
export const reasonOf = (type: string, property: string): string | undefined =>
  types[type] ??
  properties[type]?.[
    property
      .split(".")
      .filter((part) => !/^\d+$/.test(part))
      .join(".")
  ];

/** All that is listed, so that a row that nothing needs any longer is told. */
export const listed: readonly (readonly [type: string, property: string | undefined])[] = [
  ...Object.keys(types).map((type) => [type, undefined] as const),
  ...Object.entries(properties).flatMap(([type, named]) =>
    Object.keys(named).map((property) => [type, property] as const),
  ),
];
