import { settleCommand } from "./settle-parked.ts";

export const command = settleCommand(
  "skip",
  "gives a parked row up for good: consumers never see it, those behind it go on",
);
