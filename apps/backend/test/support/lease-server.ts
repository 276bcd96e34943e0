import { createSocket } from "node:dgram";
import { BindingState, BindingTable } from "@leasewire/bindings";
import { respond4 } from "@leasewire/engines";
import { DEFAULT_INSTANCE, formatIpv4, type Ipv4Address, ipv4ToBytes } from "@leasewire/net";
import { decodeMessage4 } from "@leasewire/wire";

const network = 0x6440_0400 as Ipv4Address;
const leases = 100;

export interface LeaseServer {
  readonly port: number;
  /** Addresses it has leased. */
  readonly leased: readonly string[];
  close(): void;
}

/** A DHCPv4 server with leases that never change, behind a real socket: answers leasequeries and nothing else. */
export async function startLeaseServer(): Promise<LeaseServer> {
  const table = new BindingTable(4);
  const nowSeconds = Math.floor(Date.now() / 1000);
  const leased: string[] = [];
  for (let host = 10; host < 10 + leases; host += 1) {
    const result = table.put(
      {
        instance: DEFAULT_INSTANCE,
        address: ipv4ToBytes(network + host),
        prefixLength: 32,
        kind: "address",
        state: BindingState.ACTIVE,
        hardwareType: 1,
        hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, host),
        startTimeOfStateSeconds: nowSeconds,
        clientLastTransactionTimeSeconds: nowSeconds,
        expiresAtSeconds: nowSeconds + 3600,
        dataSource: 0,
        origin: "server",
      },
      "test",
      nowSeconds,
    );
    if (result.outcome === "refused") throw new Error(result.refusal.message);
    leased.push(formatIpv4((network + host) as Ipv4Address));
  }
  const scopes = {
    instance: DEFAULT_INSTANCE,
    serverIdentifier: 0x7f00_0001 as Ipv4Address,
    managed: [{ address: network, length: 22 }],
  };
  const socket = createSocket("udp4");
  socket.on("message", (bytes, from) => {
    const message = decodeMessage4(bytes);
    if (!message.ok) return;
    const response = respond4(table, scopes, message.value, Date.now());
    if (response.kind === "reply") socket.send(response.bytes, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return { port: socket.address().port, leased, close: () => socket.close() };
}
