import * as z from "zod";

/** The variables by which a function finds OpenSearch: spread into its schema, which `requireSearch` then completes. */
export const searchSettings = {
  OPENSEARCH_URL: z.url({ protocol: /^https?$/, error: "must be http://host:port or https://host" }),
  /** `iam`: requests are signed (SigV4) for the role that the function runs as. */
  OPENSEARCH_AUTH: z.enum(["none", "iam"]).default("none"),
  /** Lambda sets it. */
  AWS_REGION: z.string().min(1).optional(),
};

export type SearchSettings = z.infer<z.ZodObject<typeof searchSettings>>;

/** Refuses settings with which no request could be signed. */
export const requireSearch = <Schema extends z.ZodObject>(schema: Schema): Schema =>
  schema.refine(({ OPENSEARCH_AUTH, AWS_REGION }) => OPENSEARCH_AUTH !== "iam" || AWS_REGION !== undefined, {
    path: ["AWS_REGION"],
    message: "is not set: with OPENSEARCH_AUTH=iam it says for which region to sign",
  });

/** What `connectSearch` needs of them. */
export const searchAddress = ({ OPENSEARCH_URL: url, OPENSEARCH_AUTH, AWS_REGION }: SearchSettings) => ({
  url,
  ...(OPENSEARCH_AUTH === "iam" ? { signFor: AWS_REGION as string } : {}),
});
