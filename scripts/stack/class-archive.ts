import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { halfMade, type JarSet } from "./jars.ts";
import type { Java } from "./java.ts";
import type { EmbeddedPart, Log } from "./part.ts";

type Training = {
  readonly java: Java;
  readonly jars: JarSet;
  readonly cache: string;
  readonly log: Log;
  /** Starts the part in a scratch folder with these flags of the JVM. */
  readonly start: (dir: string, flags: readonly string[]) => Promise<EmbeddedPart>;
};

/** The archive is written when the JVM ends, which takes a while on a busy machine. */
export const trainingGraceMs = 180_000;

const train = async ({ jars, cache, start }: Training, archive: string): Promise<void> => {
  const scratch = halfMade(cache, jars.name);
  const beside = halfMade(cache, jars.name);
  try {
    // The quick compiler will do: nothing runs long, and the archive holds classes, no compiled code.
    const part = await start(scratch, [`-XX:ArchiveClassesAtExit=${beside}`, "-XX:TieredStopAtLevel=1"]);
    await part.stop();
    renameSync(beside, archive);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
    rmSync(beside, { force: true });
  }
};

/**
 * Flags that halve what each start of a JVM costs (OpenSearch: 12 s of processor time become 7): it maps an archive of its
 * loaded classes, https://openjdk.org/jeps/350. The archive is made once for a set of jars and a build of Java, by a trial run.
 * A JVM that finds the archive unfit starts without it; so does this when none can be made.
 */
export const classArchiveFlags = async (training: Training): Promise<readonly string[]> => {
  const { java, jars, cache, log } = training;
  const archive = join(cache, `${jars.name}-java-${java.build}.jsa`);
  const cannot = `${archive}.none`;
  if (existsSync(cannot)) return [];
  if (!existsSync(archive)) {
    log(`${jars.name}: preparing for fast starts (once)`);
    try {
      await train(training, archive);
    } catch (fault) {
      log(`${jars.name}: starts will be slower, as no class archive could be made: ${(fault as Error).message}`);
      writeFileSync(cannot, ""); // not tried again at every start
      return [];
    }
  }
  return [`-XX:SharedArchiveFile=${archive}`];
};
