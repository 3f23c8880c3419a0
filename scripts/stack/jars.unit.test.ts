import { expect, test } from "vitest";
import { countDownloads } from "./jars.ts";

test("progress counts what Maven says to have fetched, not what it begins to fetch", () => {
  const log = [
    "[INFO] Scanning for projects...",
    "[INFO] Downloading from central: https://repo.example/a/1/a-1.pom",
    "[INFO] Downloaded from central: https://repo.example/a/1/a-1.pom (3.9 kB at 2.5 kB/s)",
    "[INFO] Downloading from central: https://repo.example/a/1/a-1.jar",
    "Downloaded from mirror: https://repo.example/b/1/b-1.jar (3.9 MB at 2.5 MB/s)",
    "[INFO] Downloading from central: https://repo.example/c/1/c-1.jar",
  ].join("\n");
  expect(countDownloads(log)).toBe(2);
  expect(countDownloads("")).toBe(0);
});
