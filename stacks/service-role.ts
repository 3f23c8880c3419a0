import { productCommandGroup } from "../shared/catalogue/groups.ts";
import { documentOf } from "./policies/document.ts";
import { denyMappingOf } from "./policies/mapping.ts";
import type { Statement } from "./policies/statement.ts";

type Wish = {
  /** `states.amazonaws.com` */
  readonly service: string;
  readonly permissions: readonly Statement[];
  /** Whether the service says on whose behalf it asks; then only this account's own may. */
  readonly namesAccount: boolean;
};

const trust = ({ service, namesAccount }: Wish) =>
  $jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Principal: { Service: service },
        ...(namesAccount && {
          Condition: { StringEquals: { "aws:SourceAccount": aws.getCallerIdentityOutput().accountId } },
        }),
      },
    ],
  });

/** The role in which a service of AWS works for a stage: what it needs, and the denial that every role has. */
export const serviceRole = (name: string, wish: Wish) => {
  const role = new aws.iam.Role(`${name}Role`, {
    name: `sluice-${$app.stage}-${name}`, // the pipeline's role may make roles of its stage alone: ops/aws/pipeline-roles.yaml
    assumeRolePolicy: trust(wish),
  });
  const may = new aws.iam.RolePolicy(`${name}Policy`, {
    role: role.id,
    policy: documentOf([...wish.permissions, denyMappingOf(productCommandGroup.functionName)]),
  });
  return { arn: role.arn, may };
};
