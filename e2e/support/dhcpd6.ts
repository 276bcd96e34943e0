import { type Dhcpd, type DhcpdLink, leaseOctets, startDhcpd } from "./dhcpd.ts";

/** A client's leases of one identity association, see `dhcpd.ts` for how the server is run. */
export interface Lease6 {
  /** Hex octets of the client's DUID, without separators. */
  readonly duid: string;
  readonly iaid: number;
  readonly addresses?: readonly string[];
  readonly prefixes?: readonly string[];
  /** Unix seconds. */
  readonly clttSeconds: number;
  readonly endsSeconds: number;
}

export interface Dhcpd6Options {
  readonly link: DhcpdLink;
  readonly leases: readonly Lease6[];
  /** Where it listens; answers go to port 546 in any case. Default 6547. */
  readonly port?: number;
  readonly deny?: boolean;
}

/** DUID of every server started here. */
export const serverDuid = "00030001020000000001";

/** A DHCPv6 server for 2001:db8:1::/64, pool ::100 to ::1ff, prefixes /48 from 2001:db8:100:: on. */
export function startDhcpd6(options: Dhcpd6Options): Promise<Dhcpd> {
  const { link, leases, deny = false, port = 6547 } = options;
  const configuration = `authoritative;
default-lease-time 3600;
max-lease-time 7200;
${deny ? "deny" : "allow"} leasequery;
subnet6 ${link.serverAddress6.replace(/:2$/, ":")}/64 { }
subnet6 2001:db8:1::/64 {
  range6 2001:db8:1::100 2001:db8:1::1ff;
  prefix6 2001:db8:100:: 2001:db8:1ff:: /48;
}
`;
  return startDhcpd({
    link,
    family: 6,
    port,
    configuration,
    leases: `server-duid "${leaseOctets(serverDuid)}";\n${leases.map(lease6).join("")}`,
  });
}

function lease6({ duid, iaid, addresses = [], prefixes = [], clttSeconds, endsSeconds }: Lease6): string {
  // The IAID stands in the byte order the file declares.
  const iaidHex = Buffer.from(Uint32Array.of(iaid).buffer).toString("hex");
  const key = leaseOctets(iaidHex + duid);
  const lifetimes = `binding state active; preferred-life 3600; max-life 7200; ends epoch ${endsSeconds};`;
  const association = (kind: "ia-na" | "ia-pd", word: string, values: readonly string[]) =>
    values.length === 0
      ? ""
      : `${kind} "${key}" {
  cltt epoch ${clttSeconds};
${values.map((value) => `  ${word} ${value} { ${lifetimes} }`).join("\n")}
}
`;
  return association("ia-na", "iaaddr", addresses) + association("ia-pd", "iaprefix", prefixes);
}
