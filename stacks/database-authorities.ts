import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The authority that signs the certificates of a stage's database instances, said by the stage: an
 * account may have another as its default.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.SSL.html
 */
export const authority = "rds-ca-rsa2048-g1";

/** Each region has its own. Every package carries them: scripts/package/esbuild-settings.ts. */
export const authorityFile = "ops/aws/authorities/rds-rsa2048-g1.pem";

/** Where a function on Lambda finds them. */
export const authorityFileOnLambda = authorityFile.replace("ops/aws/", "/var/task/");

/** The regions of these certificates. */
export const regionsOf = (pem: string): readonly string[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (each) => /CN=Amazon RDS (\S+) Root CA/.exec(new X509Certificate(each).subject)?.[1] ?? "",
  );

/** @throws Error where no function could verify the database */
export const requireAuthority = (region: string, repository: string): void => {
  const known = regionsOf(readFileSync(join(repository, authorityFile), "utf8"));
  if (!known.includes(region))
    throw new Error(
      `${authorityFile} has no authority of ${region}: add "Amazon RDS ${region} Root CA RSA2048 G1" from AWS's bundle of the region`,
    );
};
