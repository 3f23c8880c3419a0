import { expect, test } from "vitest";
import { pageCommands, scriptCommands } from "./testing/shell-commands.ts";

const words = (page: string) => pageCommands(page, "aws").map((command) => command.words);

test("a session's typed lines are commands, what it prints is not", () => {
  const page =
    "```console\n$ ID=$(aws sts get-it --query 'A[?B==`c d`]' | jq .)\naws was here\n$ for name in a; do\n>   aws x y \\\n    --z 1\n> done\n```\n";
  expect(words(page)).toEqual([
    ["sts", "get-it", "--query", "A[?B==`c d`]"],
    ["x", "y", "--z", "1"],
  ]);
});

test("a block may stand within a list", () => {
  expect(words("1. Do this:\n\n   ```console\n   $ aws a b \\\n       --c d\n   ```\n")).toEqual([
    ["a", "b", "--c", "d"],
  ]);
});

test("code in a sentence is a mention; what is left out, and comments, are none", () => {
  const page = "Say `aws sts get-it`, or `aws …`.\n\n```sh\n# aws no comment\naws a b # --more\n```\n";
  expect(pageCommands(page, "aws").map(({ words: [first], whole }) => ({ first, whole }))).toEqual([
    { first: "a", whole: true },
    { first: "sts", whole: false },
  ]);
});

test("a script's substitutions within words stay whole", () => {
  expect(scriptCommands('aws a b --c "$(x y)" || exit 1', "aws").map((command) => command.words)).toEqual([
    ["a", "b", "--c", "$(x y)"],
  ]);
});
