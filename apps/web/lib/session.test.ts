import { expect, test } from "vitest";
import { changePasswordProblem, signInProblem } from "./session.ts";

test("a wrong password is said plainly", () => {
  expect(signInProblem({ status: 401, code: "INVALID_EMAIL_OR_PASSWORD" })).toBe(
    "Wrong e-mail address or password. Nobody was signed in.",
  );
});

test("too many attempts: how long to wait", () => {
  expect(signInProblem({ status: 429, retryAfterSeconds: 42 })).toBe(
    "Too many attempts from this address. Wait 42 seconds, then try again.",
  );
  expect(signInProblem({ status: 429 })).toContain("Wait a minute");
});

test("a disabled account, and a wrong current password", () => {
  expect(signInProblem({ status: 403, code: "BANNED_USER" })).toContain("disabled");
  expect(changePasswordProblem({ status: 400, code: "INVALID_PASSWORD" })).toContain("was not changed");
});

test("anything else names what the backend said", () => {
  expect(signInProblem({ status: 500 })).toBe("Signing in failed: the backend answered with status 500.");
});
