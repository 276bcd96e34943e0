import type { Finding } from "../finding.ts";
import { type Level, relayLevels, serverLevels } from "../instances.ts";
import { type ConfigTree, leafValue } from "../tree.ts";
import { defaultAt, levelName, pathText, type Rule, setAt } from "./rule.ts";

/**
 * Two engines cannot receive on the same address and port, unless a VRF device keeps them apart. A relay agent counts if it sends
 * queries, has clients or names an address: others open no socket.
 */
export const listenAddressConflict: Rule = {
  name: "listen-address-conflict",
  demands: "No two relay agents or servers of one family listen on the same address and port.",
  source: "Leasewire",
  check: (tree) => {
    const findings: Finding[] = [];
    const byPort = Map.groupBy(listeners(tree), (one) => `${one.level.family} ${one.port} ${one.device}`);
    for (const sharing of byPort.values()) {
      const used = new Set(sharing.map((one) => one.address ?? ""));
      conflicts(sharing, (one) => unusedAddress(one.level.family, one.address, used), findings);
    }
    return findings;
  },
};

interface Listener {
  readonly level: Level;
  readonly port: string;
  /** undefined: every address. */
  readonly address: string | undefined;
  /** VRF device of the instance; empty without one. */
  readonly device: string;
}

function listeners(tree: ConfigTree): Listener[] {
  return [...relayLevels(tree), ...serverLevels(tree)].flatMap((level) => {
    const { node } = level;
    const configured = leafValue(node, "listen-address");
    const isServer = level.path.includes("dhcp-local-server");
    const opens = isServer || configured !== undefined || node.children.has("leasequery") || node.children.has("group");
    if (!opens) return [];
    const port = leafValue(node, "listen-port") ?? defaultAt(level, "listen-port") ?? "";
    const device = leafValue(level.scope.node, "vrf-device") ?? "";
    const address = configured === "0.0.0.0" || configured === "::" ? undefined : configured;
    return [{ level, port, address, device }];
  });
}

/** Compares each with the one before it on the same address, so that n engines on one address give n - 1 findings. */
function conflicts(sharing: readonly Listener[], unused: (one: Listener) => string, findings: Finding[]): void {
  const first = new Map<string, Listener>();
  const everywhere = sharing.find((one) => one.address === undefined);
  for (const one of sharing) {
    const other = one.address === undefined ? everywhere : (first.get(one.address) ?? everywhere);
    if (one.address !== undefined && !first.has(one.address)) first.set(one.address, one);
    if (other !== undefined && other !== one) findings.push(conflict(one, other, unused(one)));
  }
}

function conflict(one: Listener, other: Listener, unused: string): Finding {
  const where = one.address === undefined ? "every address" : one.address;
  const elsewhere =
    other.address === undefined && one.address !== undefined ? "every address, which includes it," : "the same";
  return {
    severity: "error",
    rule: "listen-address-conflict",
    path: pathText(one.level, "listen-address"),
    message: `${levelName(one.level)} of ${one.level.scope.instance} listens on ${where} port ${one.port}, and ${levelName(other.level)} of ${other.level.scope.instance} on ${elsewhere} already: replies could reach the wrong one`,
    remedy: setAt(
      one.address !== undefined && other.address === undefined ? other.level : one.level,
      "listen-address",
      unused,
    ),
  };
}

/** An example that would not collide again; given out once. */
function unusedAddress(family: 4 | 6, address: string | undefined, used: Set<string>): string {
  const stem = family === 6 ? "2001:db8::" : address?.startsWith("127.") ? "127.0.0." : "192.0.2.";
  let number = 2;
  while (used.has(`${stem}${number}`)) number += 1;
  used.add(`${stem}${number}`);
  return `${stem}${number}`;
}
