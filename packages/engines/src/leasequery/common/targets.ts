import type { Family } from "@leasewire/bindings";
import { type InstanceChoice, instanceMatches } from "../../instance-choice.ts";
import type { RequestorServer } from "../requestor/relay.ts";

/** Which servers of which relays a command means; absent parts match all. */
export interface ServerChoice extends InstanceChoice {
  readonly family: Family;
  /** Canonical text; excludes `serverGroup`. */
  readonly serverAddress?: string | undefined;
  readonly serverGroup?: string | undefined;
}

interface AskingRelay {
  readonly instance: string;
  readonly family: Family;
  readonly servers: readonly RequestorServer[];
}

export interface Target<Relay> {
  readonly relay: Relay;
  readonly server: RequestorServer;
}

export interface TargetRefusal {
  readonly code: "limit" | "no-relay" | "no-server" | "server-unknown" | "group-unknown";
  /** Names the place and the remedy. */
  readonly message: string;
  readonly field?: string;
}

/** The servers meant, each with its relay, or why there are none. `statement` is what lets a relay ask. */
export function chooseTargets<Relay extends AskingRelay>(
  relays: Iterable<Relay>,
  choice: ServerChoice,
  serversPerRunMax: number,
  statement: "leasequery" | "bulk-leasequery",
): readonly Target<Relay>[] | TargetRefusal {
  const { family, serverAddress, serverGroup } = choice;
  const asking = [...relays].filter((relay) => relay.family === family && instanceMatches(relay.instance, choice));
  if (asking.length === 0) return { code: "no-relay", message: noRelay(choice, statement) };

  const targets = asking.flatMap((relay) => relay.servers.map((server) => ({ relay, server })));
  const word = family === 4 ? "dhcp-relay" : "dhcp-relay dhcpv6";
  if (targets.length === 0) {
    return {
      code: "no-server",
      message: `The relay knows no server to ask: add "set forwarding-options ${word} server-group NAME ADDRESS".`,
    };
  }
  const chosen = targets.filter(
    ({ server }) =>
      (serverAddress === undefined || server.address === serverAddress) &&
      (serverGroup === undefined || server.group === serverGroup),
  );
  if (chosen.length === 0 && serverAddress !== undefined) {
    return {
      code: "server-unknown",
      message: `${serverAddress} is not a server of a relay that can ask: add "set forwarding-options ${word} server-group NAME ${serverAddress}", or choose one of ${some(targets.map(({ server }) => server.address))}.`,
      field: "serverAddress",
    };
  }
  if (chosen.length === 0) {
    return {
      code: "group-unknown",
      message: `No relay that can ask has a server group ${serverGroup} with servers: choose one of ${some(targets.flatMap(({ server }) => server.group ?? []))}.`,
      field: "serverGroup",
    };
  }
  if (chosen.length > serversPerRunMax) {
    return {
      code: "limit",
      message: `The query would go to ${chosen.length} servers; a run asks at most ${serversPerRunMax} (serversPerRunMax): limit it by server-group, routing-instance or logical-system.`,
    };
  }
  return chosen;
}

function noRelay(
  { family, logicalSystem, routingInstance }: ServerChoice,
  statement: "leasequery" | "bulk-leasequery",
): string {
  const where = [
    logicalSystem === undefined ? "" : `logical-systems ${logicalSystem} `,
    routingInstance === undefined ? "" : `routing-instances ${routingInstance} `,
  ].join("");
  const place = where === "" ? "" : ` in ${where.trim()}`;
  const word = family === 4 ? "dhcp-relay" : "dhcp-relay dhcpv6";
  const what = statement === "leasequery" ? "leasequeries" : "bulk leasequeries";
  return `No DHCPv${family} relay${place} can send ${what}: add "set ${where}forwarding-options ${word} ${statement}".`;
}

const namedMax = 5;

function some(names: readonly string[]): string {
  const unique = [...new Set(names)];
  if (unique.length === 0) return "none, as no group has a server";
  return unique.length <= namedMax ? unique.join(", ") : `${unique.slice(0, namedMax).join(", ")} …`;
}
