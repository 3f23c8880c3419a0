/** One call of a validator: the type, the property, what it asks for, and who asks. */
export type Row = {
  readonly type: string;
  /** A dotted path; places in lists are left out. Empty for a rule over the whole resource. */
  readonly property: string;
  readonly asks: string;
  readonly holds: (value: unknown) => boolean;
  readonly source: string;
};

export type Test = Pick<Row, "asks" | "holds">;

const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

export const matches = (pattern: RegExp): Test => ({
  asks: `matches ${pattern.source}`,
  holds: (value) => pattern.test(text(value)),
});
export const between = (least: number, most: number): Test => ({
  asks: `between ${least} and ${most}`,
  holds: (value) => typeof value === "number" && value >= least && value <= most,
});
export const atLeast = (least: number): Test => ({
  ...between(least, Number.MAX_SAFE_INTEGER),
  asks: `at least ${least}`,
});
export const characters = (least: number, most: number): Test => ({
  asks: `between ${least} and ${most} characters`,
  holds: (value) => text(value).length >= least && text(value).length <= most,
});
/** `validation.NoZeroValues` of a text */
export const notEmpty: Test = { asks: "is not empty", holds: (value) => text(value).length > 0 };
export const oneOf = (...values: readonly unknown[]): Test => ({
  asks: `one of ${values.join(", ")}`,
  holds: (value) => values.includes(value),
});
export const json: Test = {
  asks: "is JSON",
  holds: (value) => {
    try {
      return typeof value === "string" && JSON.parse(value) !== undefined;
    } catch {
      return false;
    }
  },
};

const given = (value: unknown, names: readonly string[]): readonly string[] =>
  names.filter((name) => (value as Record<string, unknown>)[name] !== undefined);

/** `ConflictsWith` */
export const atMostOneOf = (...names: readonly string[]): Test => ({
  asks: `at most one of ${names.join(", ")}`,
  holds: (value) => given(value, names).length <= 1,
});
/** `ExactlyOneOf` */
export const exactlyOneOf = (...names: readonly string[]): Test => ({
  asks: `exactly one of ${names.join(", ")}`,
  holds: (value) => given(value, names).length === 1,
});
/** `MaxItems` */
export const atMost = (most: number, name: string): Test => ({
  asks: `at most ${most} in ${name}`,
  holds: (value) => ((value as Record<string, readonly unknown[] | undefined>)[name]?.length ?? 0) <= most,
});

const octets = (address: string): number => address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);

/** `validation.IsCIDRNetwork`, and with 0 and 32 `verify.ValidIPv4CIDRNetworkAddress` */
export const network = (least = 0, most = 32): Test => ({
  asks: `a network in CIDR notation of ${least} to ${most} bits, without bits of a host`,
  holds: (value) => {
    const [, address = "", bits] = /^((?:\d{1,3}\.){3}\d{1,3})\/(\d{1,2})$/.exec(text(value)) ?? [];
    if (!between(least, most).holds(Number(bits))) return false;
    return octets(address) % 2 ** (32 - Number(bits)) === 0;
  },
});

/** `verify.ValidARN`; the owner of a managed policy is `aws` */
export const arn = matches(
  /^arn:aws(-[a-z]+)*:[^:]*:([a-z]{2}(-[a-z]+)+-\d)?:(aws|aws-managed|third-party|\d{12}|cw.{10})?:.+$/,
);
/** `verify.ValidAccountID` */
export const account = matches(/^\d{12}$/);
/** `verify.ValidOnceADayWindowFormat` */
export const onceADay = matches(/^([0-1][0-9]|2[0-3]):[0-5][0-9]-([0-1][0-9]|2[0-3]):[0-5][0-9]$/);
/** `verify.ValidOnceAWeekWindowFormat` */
export const onceAWeek = matches(/^((mon|tue|wed|thu|fri|sat|sun):([0-1][0-9]|2[0-3]):[0-5][0-9](-|$)){2}$/);

/** The tests of one type by property, from one source. */
export const rows = (
  source: string,
  type: string,
  tests: Readonly<Record<string, Test | readonly Test[]>>,
): readonly Row[] =>
  Object.entries(tests).flatMap(([property, asked]) =>
    [asked].flat().map((test) => ({ ...(test as Test), type, property, source })),
  );

/** A file of the Terraform provider, and the commit whose version of it was read. */
export const file = (path: string, commit: string): string =>
  `terraform-provider-aws internal/service/${path} at ${commit}`;
