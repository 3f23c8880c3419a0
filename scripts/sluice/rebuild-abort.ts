import { courseCommand } from "./rebuild-course.ts";

export const command = courseCommand("abort", "gives a rebuild up before its swap, and deletes what it has made");
