import { createSocket } from "node:dgram";
import { connect, type Socket } from "node:net";
import { type Ipv4Address, parseIpv4 } from "@leasewire/net";
import { activeLeasequery4, bulkLeasequery4, decodeMessage4, frame, leasequery4, OptionCode4 } from "@leasewire/wire";

/** A requestor of DHCPv4 leasequery that does as little as tests of the pages need. */
const wanted = [OptionCode4.leaseTime, OptionCode4.clientLastTransactionTime];

/** Asks by address over UDP; the answer's message type, or null when none comes within `waitMs`. */
export async function askIndividually4(
  server: { readonly address: string; readonly port: number },
  address: string,
  waitMs: number,
): Promise<number | null> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind({ address: "127.0.0.1", port: 0 }, resolve));
  try {
    return await new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), waitMs);
      socket.on("message", (bytes) => {
        clearTimeout(timer);
        const decoded = decodeMessage4(bytes);
        resolve(decoded.ok ? (decoded.value.messageType ?? 0) : 0);
      });
      const query = { kind: "address", address: ipv4(address) } as const;
      const bytes = leasequery4({ xid: 1, giaddr: ipv4("127.0.0.1"), query, parameterRequestList: wanted });
      socket.send(bytes, server.port, server.address);
    });
  } finally {
    socket.close();
  }
}

export interface OpenConnection {
  /** Resolves when the server ended the connection. */
  readonly ended: Promise<void>;
  /** Octets that came so far. */
  received(): number;
  /** Reads on; until then nothing is read. */
  read(): void;
  close(): void;
}

/** Sends one query for all configured addresses, or for changes, and reads nothing until it is told to. */
export async function openLeasequery4(
  server: { readonly address: string; readonly port: number },
  kind: "bulk" | "active",
): Promise<OpenConnection> {
  const socket: Socket = connect(server.port, server.address);
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  socket.pause();
  let received = 0;
  socket.on("error", () => {});
  const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.write(
    frame(
      kind === "bulk"
        ? bulkLeasequery4({ xid: 7, query: { kind: "all" }, parameterRequestList: wanted })
        : activeLeasequery4({ xid: 7, parameterRequestList: wanted }),
    ),
  );
  return {
    ended,
    received: () => received,
    read() {
      socket.on("data", (bytes) => {
        received += bytes.length;
      });
      socket.resume();
    },
    close: () => void socket.destroy(),
  };
}

function ipv4(text: string): Ipv4Address {
  const parsed = parseIpv4(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}
