import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { LAB_GATEWAYS, type LabFamilyPlaces, type LabPlaces } from "@leasewire/sim";
import type { LabWorkerData } from "./messages.ts";

/** Tried first; where one is taken, any free port takes its place. Relay agents and interfaces count on from theirs. */
const portsPreferred = {
  4: { server: 10_067, relays: 10_068, clients: 10_100, links: 10_101 },
  6: { server: 10_547, relays: 10_548, clients: 10_600, links: 10_601 },
} as const;
const loopback = { 4: "127.0.0.1", 6: "::1" } as const;
/** A port that is free for datagrams may be taken for connections: so often another one is tried. */
const portTriesMax = 20;

/** Reads what is remembered of a lab; labs of earlier versions remember their server alone. */
export function readLab(stored: string): LabWorkerData {
  const lab = JSON.parse(stored) as LabPlaces | Omit<Extract<LabWorkerData, { kind: "gateways" }>, "kind">;
  return "server4" in lab ? { kind: "gateways", ...lab } : { kind: "interfaces", places: lab };
}

/** Ports for a new lab that are free now. */
export async function choosePlaces(): Promise<LabPlaces> {
  const has6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === loopback[6]));
  return { 4: await placesOf(4), 6: has6 ? await placesOf(6) : null };
}

async function placesOf(family: 4 | 6): Promise<LabFamilyPlaces> {
  const address = loopback[family];
  const preferred = portsPreferred[family];
  const taken = new Set<number>();
  const choose = async (wanted: number, takesToo: (port: number) => Promise<boolean> = async () => true) => {
    let port = await freePort(address, wanted);
    for (let tries = 1; tries < portTriesMax && (taken.has(port) || !(await takesToo(port))); tries += 1) {
      port = await freePort(address, 0);
    }
    taken.add(port);
    return port;
  };
  const each = async (names: readonly string[], first: number) => {
    const ports: Record<string, number> = {};
    for (const [index, name] of names.entries()) ports[name] = await choose(first + index);
    return ports;
  };
  return {
    address,
    serverPort: await choose(preferred.server, (port) => takesConnections(address, port)),
    relayPorts: await each(
      LAB_GATEWAYS.map(({ name }) => name),
      preferred.relays,
    ),
    linkPorts: await each(
      LAB_GATEWAYS.flatMap(({ interfaces }) => interfaces.map(({ name }) => name)),
      preferred.links,
    ),
    clientsPort: await choose(preferred.clients),
  };
}

function takesConnections(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function freePort(address: string, preferred: number): Promise<number> {
  const isIpv6 = address.includes(":");
  const attempt = (port: number) =>
    new Promise<number>((resolve, reject) => {
      const socket = createSocket({ type: isIpv6 ? "udp6" : "udp4", ipv6Only: isIpv6 });
      socket.once("error", reject);
      socket.bind({ address, port, exclusive: true }, () => {
        const { port: got } = socket.address();
        socket.close(() => resolve(got));
      });
    });
  return attempt(preferred).catch(() => attempt(0));
}
