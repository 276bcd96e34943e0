import type { Services } from "@leasewire/api";
import { databaseUnavailable } from "@leasewire/db";
import { refusal } from "./answer.ts";

/** Prisma's own codes where it keeps what the driver said to itself: unreachable, timed out, connection closed. */
const prismaUnreachable = ["P1001", "P1002", "P1008", "P1017", "P2024"];

/** The sentence for whoever asked while the database does not answer; null for any other fault. */
export function databaseFault(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === "string" && prismaUnreachable.includes(code))
    return "The database cannot be reached: check that its server runs and takes connections from here.";
  const fault = databaseUnavailable(error, "The database");
  return fault.code === "failed" ? null : fault.message;
}

/** The same services, where a database that does not answer is a refusal with a remedy instead of a fault of ours. */
export function refusingWhileDatabaseIsDown(services: Services): Services {
  const groups = Object.entries(services as unknown as Record<string, object>).map(([name, group]) => {
    // These two answer without the envelope of a refusal.
    if (name === "system") return [name, group];
    return [
      name,
      new Proxy(group, {
        get(target, method) {
          const member: unknown = Reflect.get(target, method);
          if (typeof member !== "function" || method === "needed" || method === "refused") return member;
          return async (...args: unknown[]) => {
            try {
              return await member.apply(target, args);
            } catch (error) {
              const sentence = databaseFault(error);
              if (sentence === null) throw error;
              return refusal("UNAVAILABLE", sentence);
            }
          };
        },
      }),
    ];
  });
  return Object.fromEntries(groups) as Services;
}
