/**
 * The name by which others reach this host when it runs in a container of its own, from SLUICE_CONTAINER; undefined on a plain machine.
 * Containers of a stack share the folder of host files, and no process of one can be seen from another.
 */
export const containerName = (): string | undefined => process.env["SLUICE_CONTAINER"] || undefined;

/** Where a host listens: on 127.0.0.1 alone, or in a container on the interface that bears its name. */
export const ownAddress = (): string => containerName() ?? "127.0.0.1";
