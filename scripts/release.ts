import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { databaseUsers } from "../shared/catalogue/database-users.ts";
import { migrationFiles } from "../shared/postgres/migrate.ts";
import { esbuildSettings, esmBanner } from "./package/esbuild-settings.ts";

/**
 * `npm run release`, after a deploy: packs today's code, as far as it speaks to the database, and
 * notes today's migrations and rights. `shared/catalogue/released.int.test.ts` runs the pack on every
 * later schema, as the released functions run while a deploy goes on; `provision-database.ts` gives the
 * released rights beside the new ones.
 */
const repository = join(import.meta.dirname, "..");
const folder = join(repository, "shared/catalogue/released");

const { outputFiles } = await build({
  ...esbuildSettings,
  banner: { js: esmBanner },
  bundle: true,
  entryPoints: [join(repository, "shared/catalogue/testing/released-system.ts")],
  format: "esm",
  minify: true,
  platform: "node",
  sourcemap: false,
  write: false,
});
const code = gzipSync(outputFiles[0]?.contents ?? "", { level: 9 });
writeFileSync(join(folder, "code.mjs.gz"), code);
writeFileSync(join(folder, "rights.json"), `${JSON.stringify(databaseUsers, null, 2)}\n`);
writeFileSync(join(folder, "migrations.json"), `${JSON.stringify(migrationFiles(), null, 2)}\n`);
console.log(`packed ${code.length} bytes, ${migrationFiles().length} migrations`);
