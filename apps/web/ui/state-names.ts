import type { DhcpStateName } from "@leasewire/api";

/** States of option 156 (RFC 6926 §6.2.7) in the order people ask for them, and what each one means. */
export const stateMeanings: Readonly<Record<DhcpStateName, string>> = {
  ACTIVE: "The client holds a lease.",
  EXPIRED: "The lease ended without being renewed.",
  RELEASED: "The client gave the lease back.",
  ABANDONED: "Declined by a client or found in use by someone else.",
  RESET: "Freed by an operator or through the API.",
  REMOTE: "Free, but owned by another server.",
  TRANSITIONING: "Between two states: offered, or not yet committed.",
  AVAILABLE: "Free for any client.",
};

export const stateNames = Object.keys(stateMeanings) as readonly DhcpStateName[];
