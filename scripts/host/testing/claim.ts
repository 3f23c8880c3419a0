/** Claims a function for the container that SLUICE_CONTAINER names, says so, and waits to be killed. */
import { claimHostFile } from "../host-file.ts";

const [, , stack = "", name = ""] = process.argv;
claimHostFile(stack, [name]);
process.send?.("claimed");
setInterval(() => {}, 1000);
