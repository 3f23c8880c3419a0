/** Rebuilds the read models of products, and kills itself at the point that it is told. */
import { advanceRebuild } from "../../operations/rebuild/advance-rebuild.ts";
import { beginCourse, type Turn } from "../../operations/rebuild/begin-course.ts";
import { startRebuild } from "../../operations/rebuild/start-rebuild.ts";
import { openRebuildParts, type RebuildAddresses } from "./rebuild-parts.ts";

export type ChildOrder = RebuildAddresses & {
  /** What is done, one after the other. */
  readonly courses: readonly ("build" | Turn)[];
  readonly killAt: string;
};

const { courses, killAt, ...addresses } = JSON.parse(process.argv[2] ?? "{}") as ChildOrder;

const { parts, close } = openRebuildParts(addresses, {
  passing: (point) => {
    if (point === killAt) process.kill(process.pid, "SIGKILL");
  },
  pageSize: 10,
});
const { signal } = new AbortController();
for (const course of courses) {
  const operator = { actor: "child" };
  const { id } = await (course === "build" ? startRebuild(parts, operator) : beginCourse(parts, course, operator));
  await advanceRebuild(parts, { id, signal });
}
await close();
