import { courseCommand } from "./rebuild-course.ts";

export const command = courseCommand("rollback", "lets readers see the old read models again, which were kept fresh");
