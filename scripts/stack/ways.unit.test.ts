import { expect, test } from "vitest";
import { chooseWays, sayWays } from "./ways.ts";

test("with nothing given and no Docker, all is embedded", () => {
  const ways = chooseWays({ given: {}, running: {}, dockerAnswers: false });
  expect(ways).toEqual({ postgres: "embedded", kafka: "embedded", opensearch: "embedded" });
  expect(sayWays(ways)).toBe("postgres, kafka, opensearch embedded");
});

test("Docker is used when it answers", () => {
  const ways = chooseWays({ given: {}, running: {}, dockerAnswers: true });
  expect(ways).toEqual({ postgres: "docker", kafka: "docker", opensearch: "docker" });
});

test("each part goes its own way: given before running before Docker", () => {
  const ways = chooseWays({
    given: { postgres: "postgres://db.example/x" },
    running: { postgres: "embedded", kafka: "embedded" },
    dockerAnswers: true,
  });
  expect(ways).toEqual({ postgres: "given", kafka: "embedded", opensearch: "docker" });
  expect(sayWays(ways)).toBe("postgres given; kafka embedded; opensearch by Docker compose");
});
