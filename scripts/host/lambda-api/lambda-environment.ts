/** What an emulated AWS takes: any. */
export const placeholderCredentials = { accessKeyId: "test", secretAccessKey: "test" };

export const placeholderRegion = "us-east-1";

/** What any program of AWS's reads, so that it asks there instead of AWS: the tool, `npm run invoke`, functions. */
export const lambdaEnvironment = (endpoint: string): Readonly<Record<string, string>> => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: placeholderRegion,
  AWS_ACCESS_KEY_ID: placeholderCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: placeholderCredentials.secretAccessKey,
});
