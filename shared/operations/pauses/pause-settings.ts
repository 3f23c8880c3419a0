import * as z from "zod";

/** The variable by which a function is told to keep to pauses by itself: spread into its schema. */
export const pauseSettings = {
  /**
   * `true` on AWS, where no role but a deploy's may turn a consumer's mapping or a schedule off: then the function looks whether it is paused.
   * A local host holds off what is paused, and lets `npm run invoke` run it all the same.
   */
  HEED_PAUSES: z.stringbool().default(false),
};

export type PauseSettings = z.infer<z.ZodObject<typeof pauseSettings>>;
