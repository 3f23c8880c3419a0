import type { DeployedStage } from "./deployed-stage.ts";

/** What passes with the time: ages, rates, and times of the moment. */
export const timeless = (output: string): string =>
  output
    .replace(/\d+\.\d+(?= |$)/gm, "N.N")
    .replace(/\b(\d+h )?(\d+m )?\d+s\b/g, "AGE")
    .replace(/"(lagSeconds|ageSeconds|oldestOpenSeconds|sentPerSecond|at|ageMs|expiresInMs)":[^,}]+/g, '"$1":0');

/** Other tests share the cluster: both looks are taken between two direct ones that say the same. */
export const inSteadyCluster = async (stage: DeployedStage, args: readonly string[]) => {
  for (let before = await stage.direct(args); ; ) {
    const onStage = await stage.run(args);
    const direct = await stage.direct(args);
    if (timeless(before.stdout) === timeless(direct.stdout)) return { onStage, direct };
    before = direct;
  }
};
