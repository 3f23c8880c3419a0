import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { functions } from "../host/functions.ts";
import { repository } from "../stack/paths.ts";
import { composeFile, dockerfile, hostedBy, hosts } from "./compose-file.ts";

const { services } = composeFile;
const ownImage = services["provision"]?.image;

/** schema/compose-spec.json of github.com/compose-spec/compose-spec, as it is there (Apache-2.0). */
test("the file keeps to the schema of the compose specification", () => {
  const file = new URL("testing/compose-spec.json", import.meta.url);
  const { $schema: _misspelt, ...schema } = JSON.parse(readFileSync(file, "utf8")); // with https, where draft 7 is named with http
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
  validate(composeFile);
  expect(validate.errors).toBeNull();
});

test("every function that something invokes by itself runs in one service", () => {
  const wanted = functions.filter(({ trigger }) => trigger.kind !== "invoke").map(({ name }) => name);
  expect(hosts.flatMap(([, service]) => hostedBy(service)).sort()).toEqual(wanted.sort());
});

test.each(hosts)(
  "%s is known to the others by its name, and shares with them where hosts are found",
  (name, service) => {
    expect(service.hostname).toBe(name);
    expect(service.environment?.["SLUICE_CONTAINER"]).toBe(name);
    expect(service.volumes).toEqual(["hosts:/sluice/.sluice/compose/hosts"]);
  },
);

test.each(hosts)("%s comes back when it fails, is asked how it is, and is given time to end", (_, service) => {
  expect(service).toMatchObject({ restart: "unless-stopped", init: true, stop_grace_period: "30s" });
  expect(service.healthcheck?.test).toEqual(["CMD", "node", "scripts/health.ts"]);
});

test("whoever waits for another names how it is to be, and that one can tell", () => {
  for (const { depends_on = {} } of Object.values(services))
    for (const [name, { condition }] of Object.entries(depends_on)) {
      const { healthcheck, restart } = services[name] ?? {};
      if (condition === "service_healthy") expect(healthcheck?.test, name).toBeDefined();
      else expect({ condition, restart }, name).toEqual({ condition: "service_completed_successfully", restart: "no" });
    }
});

test("one service builds the image at every `up`; the others wait for it and ask no registry", () => {
  const built = Object.entries(services).filter(([, { build }]) => build !== undefined);
  expect(built.map(([name, { build, pull_policy }]) => ({ name, build, pull_policy }))).toEqual([
    { name: "provision", build: ".", pull_policy: "build" },
  ]);
  for (const [, { image, pull_policy, depends_on }] of hosts) {
    expect({ image, pull_policy }).toEqual({ image: ownImage, pull_policy: "never" });
    expect(depends_on?.["provision"]).toEqual({ condition: "service_completed_successfully" });
  }
});

test("nothing is named for all clones alike: the project has its folder's name, and the image the project's", () => {
  expect(Object.keys(composeFile)).not.toContain("name");
  expect(ownImage).toMatch(/^\$\{COMPOSE_PROJECT_NAME:-/);
  for (const service of Object.values(services)) expect(service).not.toHaveProperty("container_name");
  for (const volume of Object.values(composeFile.volumes)) expect(volume).toBeNull();
});

test("LocalStack is a version that needs no account, and is given no token", () => {
  const { image = "", environment = {} } = services["localstack"] ?? {};
  const [, major, minor] = /^localstack\/localstack:(\d+)\.(\d+)\.\d+$/.exec(image) ?? [];
  expect(Number(major)).toBe(4);
  // 4.15 and 2026.3 ask for one: testcontainers-dotnet #1667, microcks #2008
  expect(Number(minor)).toBeLessThan(15);
  expect(environment).toEqual({});
});

test("images of others are pinned to a version", () => {
  const images = Object.values(services).flatMap(({ image }) => (image === ownImage ? [] : [image]));
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image ?? "");
  for (const image of [...images, ...bases]) expect(image).toMatch(/:v?\d+\.\d+(\.\d+)?(-[a-z-]+)?$/);
});

test("what a command runs is in the image", () => {
  const ignored = readFileSync(join(repository, ".dockerignore"), "utf8").split("\n");
  const files = Object.values(services).flatMap(({ command = [], healthcheck }) =>
    [...command, ...(healthcheck?.test ?? [])].filter((word) => word.endsWith(".ts")),
  );
  expect(new Set(files)).toEqual(new Set(["scripts/start.ts", "scripts/invoke.ts", "scripts/health.ts"]));
  for (const file of files) expect(existsSync(join(repository, file))).toBe(true);
  expect(ignored).toContain("!scripts");
});
