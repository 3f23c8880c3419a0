import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newProductSchema } from "../shared/domain/products/product.ts";

const docs = join(import.meta.dirname, "../docs");
const read = (page: string): string => readFileSync(join(docs, page), "utf8");

/** As GitHub makes an anchor of a heading. */
const anchorsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

test("the first product of DEPLOY.md is one", () => {
  const [, body] = /-d '(\{"sku".+\})'/.exec(read("DEPLOY.md")) ?? [];
  expect(newProductSchema.safeParse(JSON.parse(body ?? "{}"))).toMatchObject({ success: true });
});

test.each(["DEPLOY.md", "SECURITY.md", "decisions/aws.md"])("%s leads nowhere that is not there", (page) => {
  for (const [, target = ""] of read(page).matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
    const [path = "", anchor] = target.split("#");
    const file = path === "" ? page : join(page, "..", path);
    expect({ target, exists: existsSync(join(docs, file)) }).toEqual({ target, exists: true });
    if (anchor) expect(anchorsOf(read(file))).toContain(anchor);
  }
});

test.each(["DEPLOY.md", "SECURITY.md", "decisions/aws.md"])("the files that %s names are there", (page) => {
  const named = [...read(page).matchAll(/`((?:stacks|shared|scripts|functions)\/[\w./-]+\.(?:ts|json))`/g)];
  for (const [, file = ""] of named)
    expect({ file, exists: existsSync(join(docs, "..", file)) }).toEqual({ file, exists: true });
});
