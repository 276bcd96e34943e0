import type { Principal, Role } from "@leasewire/api";

/** Whether somebody may do something; if not, the sentence that says why and what would change it. */
export type Permission = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

type Who = Pick<Principal, "email" | "role"> | null;

export const allowed: Permission = { allowed: true };

export function denied(reason: string): Permission {
  return { allowed: false, reason };
}

/** Each role includes the ones before it; the backend checks the same again. */
const rank: Readonly<Record<Role, number>> = { viewer: 0, operator: 1, administrator: 2 };

function needsRole(role: Role, action: string) {
  return (who: Who): Permission => {
    if (who === null) return denied(`${action} needs a signed-in account: sign in first.`);
    if (rank[who.role] >= rank[role]) return allowed;
    return denied(
      `${action} needs the role ${role}; ${who.email} is ${who.role}. An administrator can change this under Settings.`,
    );
  };
}

export const can = {
  runLeasequery: needsRole("operator", "Running a leasequery"),
  cancelLeasequery: needsRole("operator", "Cancelling a leasequery"),
  keepTemplates: needsRole("operator", "Keeping templates"),
  restartStreams: needsRole("operator", "Restarting connections"),
  askInLookups: needsRole("operator", "Asking servers"),
  restartLab: needsRole("administrator", "Restarting a relay of the lab"),
  clearBindings: needsRole("operator", "Clearing bindings"),
  importBindings: needsRole("operator", "Importing bindings"),
  closeConnections: needsRole("operator", "Closing connections"),
  quarantine: needsRole("operator", "Putting requestors into quarantine and releasing them"),
  clearStatistics: needsRole("operator", "Clearing statistics"),
  changeConfiguration: needsRole("administrator", "Changing the configuration"),
  manageUsers: needsRole("administrator", "Managing users"),
  readAudit: needsRole("administrator", "Reading the audit log"),
} as const;

/** The first refusal among several conditions. */
export function every(...permissions: readonly Permission[]): Permission {
  return permissions.find((permission) => !permission.allowed) ?? allowed;
}
