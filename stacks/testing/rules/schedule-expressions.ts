import type { Asked, Finding } from "./finding.ts";

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html */
const source = "EventBridge Scheduler guide, schedule types";

const months = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC";
const days = "SUN|MON|TUE|WED|THU|FRI|SAT";

type Field = {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly names?: string;
  readonly also?: RegExp;
};

/** The six fields in their order; `also` are the wildcards that this field has beside `, - * /`. */
const fields: readonly Field[] = [
  { name: "minutes", least: 0, most: 59 },
  { name: "hours", least: 0, most: 23 },
  { name: "day of month", least: 1, most: 31, also: /^(\?|L|\d{1,2}W|LW)$/ },
  { name: "month", least: 1, most: 12, names: months },
  { name: "day of week", least: 1, most: 7, names: days, also: /^(\?|L|\dL|[1-7]#[1-5])$/ },
  { name: "year", least: 1970, most: 2199 },
];

const isOne = (text: string, { least, most, names }: Field): boolean =>
  (names !== undefined && new RegExp(`^(${names})$`).test(text)) ||
  (/^\d+$/.test(text) && Number(text) >= least && Number(text) <= most);

const isItem = (text: string, field: Field): boolean => {
  if (field.also?.test(text)) return true;
  const [range = "", step, ...more] = text.split("/");
  const ends = range.split("-");
  const isRange = range === "*" || (ends.length <= 2 && ends.every((end) => isOne(end, field)));
  return more.length === 0 && isRange && (step === undefined || /^[1-9]\d*$/.test(step));
};

const brokenByCron = (expression: string): readonly string[] => {
  const given = expression.split(/\s+/);
  if (given.length !== fields.length) return [`cron has six fields, not ${given.length}`];
  const [, , dayOfMonth, , dayOfWeek] = given;
  return [
    ...fields.flatMap((field, index) =>
      (given[index] as string).split(",").every((item) => isItem(item, field))
        ? []
        : [`the field of cron for ${field.name} is from ${field.least} to ${field.most}`],
    ),
    ...((dayOfMonth === "?") === (dayOfWeek === "?") ? ["exactly one of day of month and day of week is ?"] : []),
  ];
};

const brokenByRate = (value: string, unit: string): readonly string[] => [
  ...(/^[1-9]\d*$/.test(value) ? [] : ["the value of rate is a positive whole number"]),
  ...(/^(minute|hour|day)s?$/.test(unit) ? [] : ["the unit of rate is minute(s), hour(s) or day(s)"]),
  ...((value === "1") === unit.endsWith("s") ? ["the unit of rate is singular after 1 and plural after all else"] : []),
];

/** What an expression breaks of Scheduler's grammar. */
export const brokenBy = (expression: string): readonly string[] => {
  const [, kind, inside = ""] = /^(rate|cron|at)\((.*)\)$/.exec(expression) ?? [];
  if (kind === "rate") {
    const [value = "", unit = "", ...more] = inside.split(" ");
    return more.length > 0 ? ["rate has a value and a unit"] : brokenByRate(value, unit);
  }
  if (kind === "cron") return brokenByCron(inside);
  if (kind === "at") return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(inside) ? [] : ["at is yyyy-mm-ddThh:mm:ss"];
  return ["an expression is rate(…), cron(…) or at(…)"];
};

export const scheduleFindings = ({ type, name: resource, inputs }: Asked): readonly Finding[] => {
  if (type !== "aws:scheduler/schedule:Schedule") return [];
  const at = { type, resource, source };
  const input = (inputs["target"] as { readonly input?: string } | undefined)?.input;
  const isJson = (text: string): boolean => {
    try {
      return JSON.parse(text) !== undefined;
    } catch {
      return false;
    }
  };
  return [
    ...brokenBy(String(inputs["scheduleExpression"])).map((rule) => ({ ...at, property: "scheduleExpression", rule })),
    // https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
    ...(input === undefined || isJson(input)
      ? []
      : [{ ...at, property: "target.input", rule: "the input of a Lambda function is well-formed JSON" }]),
  ];
};
