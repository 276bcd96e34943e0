"use client";

import type { Principal } from "@leasewire/api";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, useCallback, useContext } from "react";
import { formatWait } from "#lib/format.ts";
import { useTRPC } from "#lib/trpc.tsx";

/** Who is signed in; `null` for nobody. */
export function useSession() {
  const trpc = useTRPC();
  return useQuery(trpc.session.me.queryOptions(undefined, { staleTime: 60_000, refetchOnWindowFocus: true }));
}

/** The signed-in person, for everything inside the console. */
export const PrincipalContext = createContext<Principal | null>(null);

export function usePrincipal(): Principal {
  const principal = useContext(PrincipalContext);
  if (principal === null) throw new Error("usePrincipal is used outside of the signed-in part of the page");
  return principal;
}

/** Outcome of a call to the account endpoints, in words for a person. */
export type AccountAnswer = { readonly ok: true } | { readonly ok: false; readonly message: string };

export async function signIn(email: string, password: string): Promise<AccountAnswer> {
  return post("/api/auth/sign-in/email", { email, password, rememberMe: true }, signInProblem);
}

export async function changePassword(currentPassword: string, newPassword: string): Promise<AccountAnswer> {
  return post(
    "/api/auth/change-password",
    { currentPassword, newPassword, revokeOtherSessions: true },
    changePasswordProblem,
  );
}

export function useSignOut(): () => Promise<void> {
  const queryClient = useQueryClient();
  return useCallback(async () => {
    await post("/api/auth/sign-out", {}, () => "Signing out failed.");
    // A full load: nothing of the last person stays in memory.
    queryClient.clear();
    window.location.assign("/sign-in");
  }, [queryClient]);
}

interface AccountProblem {
  readonly status: number;
  readonly code?: string;
  readonly message?: string;
  readonly retryAfterSeconds?: number;
}

async function post(
  path: string,
  body: Readonly<Record<string, unknown>>,
  explain: (problem: AccountProblem) => string,
): Promise<AccountAnswer> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      credentials: "same-origin",
      body: JSON.stringify(body),
    });
  } catch {
    return { ok: false, message: "The Leasewire backend does not answer. Check that it is running and reachable." };
  }
  if (response.ok) return { ok: true };
  const answer = (await response.json().catch(() => ({}))) as { code?: string; message?: string };
  const retryAfter = Number(response.headers.get("x-retry-after") ?? response.headers.get("retry-after"));
  return {
    ok: false,
    message: explain({
      status: response.status,
      code: answer.code,
      message: answer.message,
      ...(retryAfter > 0 && { retryAfterSeconds: retryAfter }),
    }),
  };
}

/** Exported for its test: these sentences are part of the interface. */
export function signInProblem(problem: AccountProblem): string {
  if (problem.status === 429) return tooManyAttempts(problem.retryAfterSeconds);
  if (problem.code === "BANNED_USER" || problem.code === "ACCOUNT_DISABLED") {
    return "This account is disabled. An administrator can enable it again under Settings.";
  }
  if (problem.status === 401 || problem.code === "INVALID_EMAIL_OR_PASSWORD") {
    return "Wrong e-mail address or password. Nobody was signed in.";
  }
  if (problem.code === "INVALID_EMAIL") return "This is not an e-mail address: write it like noc@example.net.";
  return `Signing in failed: ${problem.message ?? `the backend answered with status ${problem.status}`}.`;
}

export function changePasswordProblem(problem: AccountProblem): string {
  if (problem.status === 429) return tooManyAttempts(problem.retryAfterSeconds);
  if (problem.code === "INVALID_PASSWORD") return "The current password is wrong. The password was not changed.";
  if (problem.code === "PASSWORD_TOO_SHORT") return "The new password is too short: use at least 10 characters.";
  if (problem.code === "PASSWORD_TOO_LONG") return "The new password is too long: use at most 128 characters.";
  return `The password was not changed: ${problem.message ?? `the backend answered with status ${problem.status}`}.`;
}

function tooManyAttempts(seconds: number | undefined): string {
  const wait = seconds === undefined ? "a minute" : formatWait(seconds);
  return `Too many attempts from this address. Wait ${wait}, then try again.`;
}
