import { createRegistry } from "../messaging/message-registry.ts";
import { commandDefinitions, rejectionDefinitions } from "./command-definitions.ts";
import { eventDefinitions } from "./event-definitions.ts";

/** Every message of the system. A type that is not here is dead-lettered by its consumer. */
export const messages = createRegistry([...eventDefinitions, ...commandDefinitions, ...rejectionDefinitions]);
