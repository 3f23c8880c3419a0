/** Holds a mapping of a host in another process, says so, and waits to be killed. */
import { controlOf } from "../control/control-client.ts";

const [, , controlUrl = "", controlToken = "", name = ""] = process.argv;
await controlOf({ controlUrl, controlToken }).hold(name);
process.send?.("held");
setInterval(() => {}, 1000);
