import { createSocket, type Socket } from "node:dgram";
import { seededRandom } from "@leasewire/engines";
import {
  clientMessage4,
  clientMessage6,
  type Identity4,
  type Identity6,
  type Lease4,
  type Reply6,
  readLease4,
  readReply6,
} from "@leasewire/sim";
import { decodeMessage4, decodeMessage6, type Message4, MessageType4, MessageType6 } from "@leasewire/wire";
import type { EngineEvent } from "../../src/engine-thread/messages.ts";
import { EngineService, type EngineServiceParts } from "../../src/engine-thread/service.ts";
import type { ChangeBatch } from "../../src/persistence-thread/messages.ts";

/** Stores nothing and says that everything is stored, unless it is held up. */
export class Store {
  readonly last = { 4: 0, 6: 0 };
  written = 0;
  #held: (() => void)[] | null = null;

  hold(): void {
    this.#held ??= [];
  }
  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const go of held) go();
  }
  async writeChanges(batch: ChangeBatch) {
    const held = this.#held;
    if (held !== null) await new Promise<void>((resolve) => held.push(resolve));
    this.written += batch.count;
    for (const family of [4, 6] as const) this.last[family] = Math.max(this.last[family], batch.last[family]);
    return { durableSequence: { ...this.last } };
  }
  async writeRun() {}
  async readBindings() {
    const none = { 4: 0, 6: 0 };
    return { bindings: { bytes: new Uint8Array(0), texts: [], count: 0, first: none, last: none }, next: null };
  }
  async lastSequence() {
    return 0;
  }
}

export async function startEngines(
  configuration: string,
  store = new Store(),
  parts: Partial<EngineServiceParts> = {},
) {
  const events: EngineEvent[] = [];
  const service = new EngineService({
    node: "test",
    persistence: store,
    emit: (event) => void events.push(event),
    random: seededRandom(1),
    ...parts,
  });
  await service.start();
  const { ok, findings } = await service.configure(configuration);
  if (!ok) throw new Error(findings.map(({ path, message }) => `${path}: ${message}`).join("\n"));
  return { service, store, events };
}

/** The clients' end of a datagram link. */
export class LinkEnd {
  readonly #socket: Socket;
  readonly #relayPort: number;
  readonly #address: string;
  readonly #waiting: ((bytes: Uint8Array) => void)[] = [];
  readonly #received: Uint8Array[] = [];

  private constructor(socket: Socket, relayPort: number, address: string) {
    this.#socket = socket;
    this.#address = address;
    this.#relayPort = relayPort;
    socket.on("message", (bytes) => {
      const next = this.#waiting.shift();
      if (next === undefined) this.#received.push(bytes);
      else next(bytes);
    });
  }

  static async open(port: number, relayPort: number, address = "127.0.0.1"): Promise<LinkEnd> {
    const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
    await new Promise<void>((resolve) => socket.bind(port, address, resolve));
    return new LinkEnd(socket, relayPort, address);
  }

  async ask(bytes: Uint8Array): Promise<Uint8Array> {
    this.#socket.send(bytes, this.#relayPort, this.#address);
    const received = this.#received.shift();
    if (received !== undefined) return received;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("nothing came back")), 5000);
      this.#waiting.push((answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
    });
  }

  tell(bytes: Uint8Array): void {
    this.#socket.send(bytes, this.#relayPort, this.#address);
  }

  close(): void {
    this.#socket.close();
  }
}

export async function lease4(link: LinkEnd, identity: Identity4, xid: number): Promise<Lease4> {
  const offer = leaseOf(await ask4(link, clientMessage4(identity, { type: MessageType4.DHCPDISCOVER, xid })));
  return leaseOf(
    await ask4(
      link,
      clientMessage4(identity, {
        type: MessageType4.DHCPREQUEST,
        xid,
        requested: offer.address,
        serverIdentifier: offer.serverIdentifier,
      }),
    ),
  );
}

export async function ask4(link: LinkEnd, bytes: Uint8Array): Promise<Message4> {
  const decoded = decodeMessage4(await link.ask(bytes));
  if (!decoded.ok) throw new Error(decoded.error.message);
  return decoded.value;
}

function leaseOf(message: Message4): Lease4 {
  const lease = readLease4(message);
  if (lease === undefined) throw new Error(`message type ${message.messageType} gives no lease`);
  return lease;
}

export async function lease6(link: LinkEnd, identity: Identity6, transactionId: number): Promise<Reply6> {
  const { associations } = identity;
  const solicit = { type: MessageType6.SOLICIT, transactionId, associations, leases: [] };
  const advertised = await ask6(link, clientMessage6(identity, solicit));
  return ask6(
    link,
    clientMessage6(identity, {
      type: MessageType6.REQUEST,
      transactionId,
      serverDuid: advertised.serverDuid,
      associations,
      leases: advertised.answers.flatMap(({ leases }) => leases),
    }),
  );
}

async function ask6(link: LinkEnd, bytes: Uint8Array): Promise<Reply6> {
  const decoded = decodeMessage6(await link.ask(bytes));
  if (!decoded.ok) throw new Error(decoded.error.message);
  const reply = "transactionId" in decoded.value ? readReply6(decoded.value) : undefined;
  if (reply === undefined) throw new Error("what came back is no reply");
  return reply;
}

/** A free UDP port of loopback; somebody else may take it. */
export async function freePort(): Promise<number> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

export async function eventually(holds: () => boolean | Promise<boolean>, ms = 5000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error("it did not come to pass");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
