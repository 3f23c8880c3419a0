import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { composeLogs, composeSpec } from "./compose.ts";
import { partNames } from "./part.ts";
import { postgresAddress } from "./postgres.ts";
import { partSettings } from "./settings.ts";

type Service = {
  image: string;
  ports: string[];
  volumes: string[];
  environment?: Record<string, string>;
  command?: string[];
  healthcheck: { test: string[] };
};

const text = readFileSync(new URL("../../docker-compose.yml", import.meta.url), "utf8");
const file: { services: Record<string, Service>; volumes: Record<string, null> } = parse(text);

test.each(partNames)("%s is a service with a pinned image, a health check and data in a volume of its own", (part) => {
  const service = file.services[part];
  expect(service?.image).toMatch(/:v?\d+\.\d+(\.\d+)?$/);
  expect(service?.healthcheck.test[0]).toBe("CMD");
  const volumes = service?.volumes.map((volume) => volume.split(":")[0] ?? "") ?? [];
  expect(volumes).toEqual([part]);
  expect(Object.keys(file.volumes)).toContain(part);
});

test.each(partNames)("%s is published on 127.0.0.1 only, at the port that its variable sets", (part) => {
  const { portVariable, usualPort } = partSettings[part];
  expect(file.services[part]?.ports).toEqual([
    expect.stringMatching(new RegExp(`^127\\.0\\.0\\.1:\\$\\{${portVariable}:-${usualPort}\\}:\\d+$`)),
  ]);
});

test("nothing is published on other addresses", () => {
  const published = Object.values(file.services).flatMap(({ ports }) => ports ?? []);
  expect(published.filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([]);
});

test("PostgreSQL has the user, the password and the database that the stack's address names", () => {
  const { username, password, pathname } = new URL(postgresAddress(1));
  expect(file.services["postgres"]?.environment).toMatchObject({
    POSTGRES_USER: username,
    POSTGRES_PASSWORD: password,
    POSTGRES_DB: pathname.slice(1),
  });
});

test("the broker names itself to clients on the host by the port that is published", () => {
  const advertised = file.services["kafka"]?.command?.find((word) => word.startsWith("--advertise-kafka-addr="));
  const { portVariable, usualPort } = partSettings.kafka;
  expect(advertised).toContain(`external://127.0.0.1:\${${portVariable}:-${usualPort}}`);
});

test("stacks of two names, and of one name in two clones, are projects of their own", () => {
  const projectOf = (name: string, repository: string) =>
    composeLogs({ name, repository, state: `${repository}/.sluice/${name}` }, "kafka", { lines: 1, follow: false })[3];
  expect(projectOf("dev", "/one")).toMatch(/^sluice-dev-[0-9a-f]{8}$/);
  expect(new Set([projectOf("dev", "/one"), projectOf("test", "/one"), projectOf("dev", "/two")]).size).toBe(3);
});

test.each([
  [false, ["--no-log-prefix", "--tail", "3", "kafka"]],
  [true, ["--no-log-prefix", "--tail", "3", "--follow", "kafka"]],
])("a log is asked for with its number of lines, followed: %s", (follow, words) => {
  const project = { name: "dev", repository: "/one", state: "/one/.sluice/dev" };
  const command = composeLogs(project, "kafka", { lines: 3, follow });
  expect(command.slice(command.indexOf("logs") + 1)).toEqual(words);
});

test("what the stack is asked for reaches the compose file by variables that it reads", () => {
  const project = { name: "dev", repository: "/one", state: "/one/.sluice/dev" };
  const ports = { postgres: 1, kafka: 2, opensearch: 3 };
  const { env } = composeSpec(project, "/log", ["up"], { ports, durable: false });
  const wanted = {
    SLUICE_POSTGRES_PORT: "1",
    SLUICE_KAFKA_PORT: "2",
    SLUICE_OPENSEARCH_PORT: "3",
    SLUICE_POSTGRES_DURABLE: "off",
  };
  expect(env).toMatchObject(wanted);
  for (const variable of Object.keys(wanted)) expect(text).toContain(`\${${variable}:-`);
});
