import { expect, test } from "vitest";
import { databaseUser, userUrl } from "./database-user.ts";

const owner = "postgres://sluice:p%40ss@db.example:5432/sluice?sslmode=verify-full";

test("a function's URL is the owner's with another user and another password", () => {
  const url = new URL(userUrl(owner, "one-function"));
  expect(url.username).toBe("sluice_one_function");
  expect(url.password).toMatch(/^[\w-]{43}$/);
  url.username = "sluice";
  url.password = "p%40ss";
  expect(url.href).toBe(owner);
});

test("passwords are each user's own, and others with another owner's password", () => {
  const passwords = [
    userUrl(owner, "api"),
    userUrl(owner, "another"),
    userUrl(owner.replace("p%40ss", "other"), "api"),
  ].map((url) => new URL(url).password);
  expect(new Set(passwords).size).toBe(3);
  expect(userUrl(owner, "api")).toBe(userUrl(owner, "api"));
});

test("where the owner has no password, nobody has", () => {
  expect(userUrl("postgres://sluice@127.0.0.1/sluice", "api")).toBe("postgres://sluice_api@127.0.0.1/sluice");
});

test("what is no URL comes back as it is, and no fault shows it", () => {
  expect(userUrl("postgres//app:secret@h", "api")).toBe("postgres//app:secret@h");
});

test("a user's name is a plain identifier of PostgreSQL", () => {
  expect(databaseUser("a-long-name")).toBe("sluice_a_long_name");
});
