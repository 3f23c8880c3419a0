import { createHmac } from "node:crypto";

/** The user by which a function signs in: `sluice_outbox_publisher` of `outbox-publisher`. */
export const databaseUser = (functionName: string): string => `sluice_${functionName.replaceAll("-", "_")}`;

/**
 * The password of a user where users have passwords, as on a laptop. It is made from the owner's,
 * and neither the owner's nor another user's can be found by it. Undefined where the owner has
 * none, as with a server that trusts its machine.
 */
export const passwordOf = (ownerUrl: string, user: string): string | undefined => {
  const { password } = new URL(ownerUrl);
  if (password === "") return undefined;
  return createHmac("sha256", decodeURIComponent(password)).update(user).digest("base64url");
};

/**
 * The owner's URL with a function's user and password in place of the owner's. Text that is not a
 * URL comes back as it is: the function's configuration refuses it by the variable's name, while a
 * fault of the parser would show the password.
 */
export const userUrl = (ownerUrl: string, functionName: string): string => {
  if (!URL.canParse(ownerUrl)) return ownerUrl;
  const url = new URL(ownerUrl);
  url.username = databaseUser(functionName);
  url.password = passwordOf(ownerUrl, url.username) ?? "";
  return url.href;
};
