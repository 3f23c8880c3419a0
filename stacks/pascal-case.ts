/** `product-event-consumer` to `ProductEventConsumer`, as SST's components are named. */
export const pascalCase = (name: string): string =>
  name.replace(/(^|[-/])([a-z])/g, (_match, _dash, letter: string) => letter.toUpperCase());
