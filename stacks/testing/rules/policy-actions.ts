import { library } from "./library.ts";
import { listed, type Statement } from "./policy-documents.ts";

/** AWS's Service Authorization Reference, as cfn-lint ships it: all names in lower case. */
type Service = {
  readonly Actions: Readonly<Record<string, { readonly Resources?: readonly string[] }>>;
  readonly Resources: Readonly<Record<string, { readonly ARNFormats: readonly string[] }>>;
};
type Reference = Readonly<Record<string, Service>>;

let read: Reference | undefined;
const reference = (): Reference => {
  read ??= library().authorizationReference<Reference>();
  return read;
};

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const wildcard = (pattern: string): RegExp =>
  new RegExp(`^${escaped(pattern).replace(/\\\*/g, ".*").replace(/\\\?/g, ".")}$`, "i");

/** The reference's actions for `lambda:Invoke*`. */
const meant = (action: string): readonly (readonly [service: Service, name: string])[] => {
  const [prefix = "", name = ""] = action.split(":");
  const service = reference()[prefix.toLowerCase()];
  if (!service) return [];
  const pattern = wildcard(name);
  return Object.keys(service.Actions)
    .filter((each) => pattern.test(each))
    .map((each) => [service, each] as const);
};

export const isAction = (action: string): boolean => action === "*" || meant(action).length > 0;

/**
 * Kafka's resources have the cluster's name and uuid, and their own name, where the reference has
 * `.*`.
 */
const formatOf = (format: string): RegExp =>
  new RegExp(
    `^${escaped(format)
      .replace(/\\\$\\\{\w+\\\}/g, "[^:]*")
      .replace(/\\\.\\\*/g, ".+")}$`,
  );

/**
 * Whether an action may be given on this ARN. An action for which the reference names no kind is
 * given on `*` alone.
 */
const takes = (action: string, arn: string): boolean =>
  arn === "*" ||
  meant(action).some(([{ Actions, Resources }, name]) =>
    (Actions[name]?.Resources ?? []).some((kind) =>
      (Resources[kind.toLowerCase()]?.ARNFormats ?? []).some((format) => formatOf(format).test(arn)),
    ),
  );

/**
 * Actions that do not exist, actions that none of the resources is a resource of, and resources
 * that none of the actions takes.
 */
export const brokenActions = (statement: Statement): readonly string[] => {
  const actions = listed(statement.Action);
  const resources = listed(statement.Resource);
  const known = actions.filter(isAction);
  const ofActions = actions.filter((action) => !isAction(action)).map((action) => `${action} is no action of AWS's`);
  if (resources.length === 0) return ofActions;
  return [
    ...ofActions,
    ...known
      .filter((action) => !resources.some((arn) => takes(action, arn)))
      .map((action) => `${action} is given on no kind of resource that it takes: ${resources.join(", ")}`),
    ...resources
      .filter((arn) => known.length > 0 && !known.some((action) => takes(action, arn)))
      .map((arn) => `${arn} is the resource of none of these actions: ${known.join(", ")}`),
  ];
};
