import { pascalCase } from "./pascal-case.ts";

type Wish = {
  readonly gateway: sst.aws.ApiGatewayV2;
  readonly fn: sst.aws.Function;
  /** With the scope that a token must have, where there is an authorizer. */
  readonly routes: readonly { readonly routeKey: string; readonly scope?: $util.Input<string> }[];
  /** Who checks the tokens; without one the routes are open. */
  readonly authorizer?: $util.Input<string>;
};

/** `GET /products/{id}` is `GetProductsId`. */
const nameOf = (routeKey: string): string =>
  pascalCase(
    routeKey
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, " ")
      .trim()
      .replaceAll(" ", "-"),
  );

/**
 * Routes of an HTTP API to one function, with one integration and one permission for all of them:
 * SST makes both for each route, and a function's policy has room for 20 KB.
 */
export const httpRoutes = (
  name: string,
  { gateway, fn, routes, authorizer }: Wish,
): readonly aws.apigatewayv2.Route[] => {
  const { api } = gateway.nodes;
  const permission = new aws.lambda.Permission(`${name}HttpPermission`, {
    action: "lambda:InvokeFunction",
    function: fn.arn,
    principal: "apigateway.amazonaws.com",
    sourceArn: $interpolate`${api.executionArn}/*`,
  });
  const integration = new aws.apigatewayv2.Integration(
    `${name}HttpIntegration`,
    { apiId: api.id, integrationType: "AWS_PROXY", integrationUri: fn.arn, payloadFormatVersion: "2.0" },
    { dependsOn: [permission] },
  );
  return routes.map(
    ({ routeKey, scope }) =>
      new aws.apigatewayv2.Route(`${name}${nameOf(routeKey)}`, {
        apiId: api.id,
        routeKey,
        target: $interpolate`integrations/${integration.id}`,
        ...(authorizer === undefined
          ? { authorizationType: "NONE" }
          : { authorizationType: "JWT", authorizerId: authorizer, ...(scope && { authorizationScopes: [scope] }) }),
      }),
  );
};
