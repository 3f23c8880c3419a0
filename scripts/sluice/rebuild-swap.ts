import { courseCommand } from "./rebuild-course.ts";

export const command = courseCommand("swap", "lets readers see the new read models; the old ones are kept fresh");
