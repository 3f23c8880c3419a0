import { settleCommand } from "./settle-parked.ts";

export const command = settleCommand(
  "unpark",
  "sends a parked row again, and those behind it: what made it unfit is mended",
);
