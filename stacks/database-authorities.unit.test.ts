import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { copiedFiles } from "../scripts/package/esbuild-settings.ts";
import { functionNames } from "../scripts/package/function-folders.ts";
import { authorityFile, authorityFileOnLambda, regionsOf } from "./database-authorities.ts";

const pem = readFileSync(join(import.meta.dirname, "..", authorityFile), "utf8");
const certificates = pem.split(/(?<=-----END CERTIFICATE-----\n)/).map((each) => new X509Certificate(each));

test("every certificate is an authority of RDS, signed by itself, and holds for decades", () => {
  for (const certificate of certificates) {
    expect(certificate.subject).toMatch(/CN=Amazon RDS [a-z]+-[a-z]+-\d Root CA RSA2048 G1/);
    expect(certificate.ca && certificate.verify(certificate.publicKey)).toBe(true);
    expect(new Date(certificate.validTo).getUTCFullYear()).toBeGreaterThan(2060);
  }
});

test("each region has one, and the regions of the manual's examples are among them", () => {
  const regions = regionsOf(pem);
  expect(new Set(regions).size).toBe(certificates.length);
  expect(regions).toEqual(expect.arrayContaining(["eu-central-1", "eu-west-1", "us-east-1", "us-west-2"]));
});

test("every function's package has them where its address says", () => {
  for (const name of functionNames()) {
    const { from, to } = copiedFiles(name).find((each) => authorityFile.startsWith(`${each.from}/`)) ?? {};
    expect([name, from, `/var/task/${to}/${basename(authorityFile)}`]).toEqual([
      name,
      "ops/aws/authorities",
      authorityFileOnLambda,
    ]);
  }
});
