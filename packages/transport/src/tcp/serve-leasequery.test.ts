import { connect, type Socket } from "node:net";
import { type BindingInput, BindingTable } from "@leasewire/bindings";
import { LeasequeryConnections, type ResponderScopes4 } from "@leasewire/engines";
import { type Ipv4Address, ipv4FromBytes } from "@leasewire/net";
import { bulkLeasequery4, decodeMessage4, FrameReader, frame, type Message4, MessageType4 } from "@leasewire/wire";
import { afterEach, expect, test } from "vitest";
import { type LeasequeryListener, serveLeasequery } from "./serve-leasequery.ts";

const SCOPES: ResponderScopes4 = {
  instance: "default:default",
  serverIdentifier: ipv4FromBytes(Uint8Array.of(127, 0, 0, 1)),
  managed: [{ address: 0x0a000000 as Ipv4Address, length: 8 }],
  bulk: {
    connectionsMax: 10,
    emptyRepliesMax: 100,
    timeoutSeconds: 120,
    restrictedRequestor: false,
    queriesParallelMax: 4,
  },
};
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function listen(leases: number): Promise<{ listener: LeasequeryListener; engine: LeasequeryConnections }> {
  const table = new BindingTable(4);
  const now = Math.floor(Date.now() / 1000);
  for (let i = 0; i < leases; i += 1) {
    const input: BindingInput = {
      instance: "default:default",
      address: Uint8Array.of(10, i >>> 16, i >>> 8, i),
      prefixLength: 32,
      kind: "address",
      state: 2,
      hardwareType: 1,
      hardwareAddress: Uint8Array.of(2, 0, 0, i >>> 16, i >>> 8, i),
      startTimeOfStateSeconds: now,
      clientLastTransactionTimeSeconds: now,
      expiresAtSeconds: now + 3600,
      dataSource: 0,
      origin: "server",
    };
    table.put(input, "test", now);
  }
  const engine = new LeasequeryConnections({
    tables: { 4: table, 6: new BindingTable(6) },
    durable: () => table.sequence,
  });
  engine.configure({ servers4: [SCOPES], servers6: [] }, Date.now());
  const opened = await serveLeasequery(
    { family: 4, instance: "default:default", address: "127.0.0.1", port: 0 },
    engine,
    {
      onFault: (error) => {
        throw error;
      },
    },
  );
  if (!opened.ok) throw new Error(opened.error.message);
  open.push(opened.value);
  return { listener: opened.value, engine };
}

/** Reads until `until` says that it was the last message, or the server closes. */
function ask(socket: Socket, until: (message: Message4) => boolean): Promise<Message4[]> {
  return new Promise((resolve) => {
    const reader = new FrameReader({ messageLengthMin: 240 });
    const messages: Message4[] = [];
    socket.on("data", (bytes) => {
      for (const one of reader.push(bytes).frames) {
        const decoded = decodeMessage4(Uint8Array.from(one));
        if (!decoded.ok) throw new Error(decoded.error.message);
        messages.push(decoded.value);
        if (until(decoded.value)) resolve(messages);
      }
    });
    socket.on("close", () => resolve(messages));
  });
}

test("all addresses of a table arrive, each once, then DHCPLEASEQUERYDONE", async () => {
  const { listener, engine } = await listen(5000);
  const socket = connect(listener.port, "127.0.0.1");
  open.push({ close: () => socket.destroy() });
  socket.write(frame(bulkLeasequery4({ xid: 5, query: { kind: "all" }, parameterRequestList: [51, 152] })));
  const messages = await ask(socket, ({ messageType }) => messageType === MessageType4.DHCPLEASEQUERYDONE);
  expect(messages.length).toBe(5001);
  expect(new Set(messages.slice(0, -1).map(({ ciaddr }) => ciaddr)).size).toBe(5000);
  expect(engine.size).toBe(1);
});
