import { freePort } from "./relay-lab.ts";

/** The lab as version 0.1 made it: one server, a relay that only asks, and what was remembered of it. IPv4 alone. */
export async function earlierLab(): Promise<{ readonly statements: readonly string[]; readonly fact: string }> {
  const [server, relay] = [await freePort(), await freePort()];
  const core = "set logical-systems core";
  const local = `${core} system services dhcp-local-server`;
  const pools = [4, 8].flatMap((number, index) => {
    const pool = `${core} access address-assignment pool bng-${"ab"[index]} family inet`;
    return [
      `${pool} network 100.64.${number}.0/22`,
      `${pool} range homes low 100.64.${number}.10 high 100.64.${number}.73`,
      `${pool} dhcp-attributes maximum-lease-time 240`,
    ];
  });
  const agent = "set logical-systems bng-a forwarding-options dhcp-relay";
  return {
    statements: [
      `${local} listen-address 127.0.0.1`,
      `${local} listen-port ${server}`,
      `${local} allow-leasequery`,
      `${local} address-probe disable`,
      ...pools,
      `${agent} overrides always-write-option-82`,
      `${agent} relay-option-82 circuit-id`,
      `${agent} server-group core 127.0.0.1 port ${server}`,
      `${agent} active-server-group core`,
      `${agent} leasequery`,
      `${agent} listen-address 127.0.0.1`,
      `${agent} listen-port ${relay}`,
    ],
    fact: JSON.stringify({ server4: { address: "127.0.0.1", port: server }, server6: null }),
  };
}
