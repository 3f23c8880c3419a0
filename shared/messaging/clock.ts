/** Milliseconds since 1970. Time comes in as an argument, so that a test can set it. */
export type Clock = () => number;
