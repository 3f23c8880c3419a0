/** What a route answers; fits API Gateway's payload format 2.0. Header names are in lower case. */
export type Answer = {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** @param headers in lower case; `content-type` may be set to something more particular than `application/json` */
export const json = (statusCode: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  statusCode,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(value),
});
