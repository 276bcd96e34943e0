import { execFileSync } from "node:child_process";
import { type DhcpdLink, makeLink } from "@leasewire/e2e/support/dhcpd.ts";

/**
 * Where servers are measured: two ends of a veth pair, one in a namespace of its own. The clients' networks lie behind
 * the end of the load client, which is their relay:
 *
 *     load client  10.X.0.1, 2001:db8:N::1  ═════  server
 *
 * X and N depend on the number of the link, so that several runs do not get in each other's way. Needs root.
 */
export interface ClientNetwork {
  readonly prefix: string;
  /** giaddr, link-address. */
  readonly relay: string;
  readonly first: string;
  readonly last: string;
}

/** What prefixes are delegated from, /56 each; nothing is routed there. */
export const delegated6 = {
  prefix: "2001:db8:8000::/33",
  first: "2001:db8:8000::",
  last: "2001:db8:ffff:ff00::",
} as const;

export interface Place {
  readonly link: DhcpdLink;
  /** Namespace of the server; undefined: that of this process. */
  readonly serverNamespace: string | undefined;
  readonly loadNamespace: string | undefined;
  readonly serverDevice: string;
  readonly serverAddress4: string;
  readonly serverAddress6: string;
  /** A /12 and a /64. */
  readonly network4: ClientNetwork;
  readonly network6: ClientNetwork;
  remove(): void;
}

/** Programs of others run in the namespace; ours runs here, where its pages are reached, and the load client there. */
export function makePlace(inNamespace: "server" | "load"): Place {
  // An interrupted run takes its network down like one that ends.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  const link = makeLink();
  const number = Number(link.namespace.replace(/\D/g, ""));
  const network4 = clientNetwork4(number);
  const network6 = clientNetwork6(number);
  const outside = { namespace: undefined, device: `${link.namespace}r` };
  const inside = { namespace: link.namespace, device: "s0" };
  const [server, load] = inNamespace === "server" ? [inside, outside] : [outside, inside];
  const [server4, load4, server6, load6] =
    inNamespace === "server"
      ? [link.serverAddress4, link.relayAddress4, link.serverAddress6, link.relayAddress6]
      : [link.relayAddress4, link.serverAddress4, link.relayAddress6, link.serverAddress6];
  try {
    ip(load.namespace, "addr", "add", `${network4.relay}/32`, "dev", load.device);
    ip(load.namespace, "-6", "addr", "add", `${network6.relay}/128`, "dev", load.device, "nodad");
    ip(server.namespace, "route", "add", network4.prefix, "via", load4);
    ip(server.namespace, "-6", "route", "add", network6.prefix, "via", load6);
  } catch (error) {
    link.remove();
    throw error;
  }
  return {
    link,
    serverNamespace: server.namespace,
    loadNamespace: load.namespace,
    serverDevice: server.device,
    serverAddress4: server4,
    serverAddress6: server6,
    network4,
    network6,
    remove: () => link.remove(),
  };
}

function clientNetwork4(number: number): ClientNetwork {
  const octet = 16 * (1 + (number % 15));
  return {
    prefix: `10.${octet}.0.0/12`,
    relay: `10.${octet}.0.1`,
    first: `10.${octet}.1.0`,
    last: `10.${octet + 15}.255.254`,
  };
}

function clientNetwork6(number: number): ClientNetwork {
  const base = `2001:db8:${(number & 0x7fff).toString(16)}::`;
  return { prefix: `${base}/64`, relay: `${base}1`, first: `${base}1:0`, last: `${base}ffff:ffff` };
}

function ip(namespace: string | undefined, ...parameters: readonly string[]): void {
  const where = namespace === undefined ? [] : ["-n", namespace];
  execFileSync("ip", [...where, ...parameters], { stdio: ["ignore", "ignore", "pipe"] });
}
