/** A clone's folder and project begin so; then comes the process that made it. */
export const cloneName = (pid: number): string => `sluice-clone-${pid}-`;

/** Whether a process of this number lives. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (fault) {
    return (fault as NodeJS.ErrnoException).code === "EPERM"; // another user's
  }
};

/** Which of the names are of clones whose process has ended without taking them away. */
export const deadClones = (names: readonly string[], lives: (pid: number) => boolean): readonly string[] =>
  [...new Set(names)].filter((name) => {
    const [, pid] = /^sluice-clone-(\d+)-/.exec(name) ?? [];
    return pid !== undefined && !lives(Number(pid));
  });
