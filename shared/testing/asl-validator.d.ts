/** The package has no types of its own. */
declare module "asl-validator" {
  type Fault = { readonly "Error code": string; readonly Message?: string };
  // biome-ignore lint/style/noDefaultExport: it is the package's
  export default function validate(definition: unknown): {
    readonly isValid: boolean;
    readonly errors: readonly Fault[];
  };
}
