import { readFileSync } from "node:fs";
import { join } from "node:path";
import { arnPrefix } from "./account.ts";
import { pascalCase } from "./pascal-case.ts";
import { serviceRole } from "./service-role.ts";

/**
 * The state machine beside a function, from the very file that runs locally: JSONPath, so not SST's own component, which writes JSONata.
 * `${ReplayFunctionArn}` in it stands for the function. Its role may invoke that one function.
 */
export const stateMachine = (name: string, made: sst.aws.Function) => {
  const component = pascalCase(name);
  const role = serviceRole(`${component}Machine`, {
    service: "states.amazonaws.com",
    permissions: [{ actions: ["lambda:InvokeFunction"], resources: [made.arn] }],
    namesAccount: true,
  });
  const file = readFileSync(join($cli.paths.root, `functions/${name}/${name}.asl.json`), "utf8");
  const machineName = `${$app.name}-${$app.stage}-${name}`;
  const machine = new aws.sfn.StateMachine(
    `${component}Machine`,
    {
      name: machineName,
      roleArn: role.arn,
      definition: made.arn.apply((arn) => file.replaceAll(`\${${component}FunctionArn}`, arn)),
    },
    { dependsOn: [role.may] },
  );
  return { arn: machine.arn, executions: $interpolate`${arnPrefix("states")}:execution:${machineName}:*` };
};

export type StateMachine = ReturnType<typeof stateMachine>;
