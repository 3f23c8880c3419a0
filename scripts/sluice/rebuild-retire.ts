import { courseCommand } from "./rebuild-course.ts";

export const command = courseCommand("retire", "deletes the read models of a rebuild that are not live any more");
