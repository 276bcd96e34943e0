import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type HostSocket, joinHosts, type LinkLab, makeLinkLab } from "../test/link-lab.ts";
import { addon } from "./addon.ts";

// Batched sockets on real links: several hosts on one machine, see test/link-lab.ts.

const obstacle = obstacleHere();
if (obstacle !== null) console.log(`Sockets on links are not tested here: ${obstacle}.`);

function obstacleHere(): string | null {
  if (addon() === null) return "batched sockets are not built";
  if (process.getuid?.() !== 0) return "network namespaces need root";
  try {
    execFileSync("ip", ["netns", "list"], { stdio: "ignore" });
    return null;
  } catch {
    return 'the command "ip" is not here (Debian package iproute2)';
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !condition(); i += 1) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(condition()).toBe(true);
}

/** Sends until it arrives: for what takes effect when the system has told of it. */
async function sendUntil(send: () => Promise<void>, arrived: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !arrived(); i += 1) {
    await send();
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  expect(arrived()).toBe(true);
}

describe.skipIf(obstacle !== null)("links", () => {
  let lab: LinkLab;
  const sockets: HostSocket[] = [];
  beforeAll(() => {
    lab = makeLinkLab();
  });
  afterAll(() => lab?.remove());
  beforeEach(() => async () => {
    await Promise.all(sockets.splice(0).map((socket) => socket.close()));
  });
  const kept = async (opening: Promise<HostSocket>) => {
    const socket = await opening;
    sockets.push(socket);
    return socket;
  };
  const server4 = (more = {}) => kept(lab.server.open({ implementation: "batched", family: 4, port: 67, ...more }));
  // Clients and relays use plain sockets: another way into the system than the one that is tried.
  const client4 = () => kept(lab.client.open({ implementation: "plain", family: 4, port: 68 }));
  const other4 = () => kept(lab.other.open({ implementation: "plain", family: 4, port: 68 }));
  const clientHardware = () =>
    lab.client
      .execute("cat", "/sys/class/net/c0/address")
      .trim()
      .split(":")
      .map((octet) => Number.parseInt(octet, 16));

  test("a broadcast arrives with its interface and the address of that interface", async () => {
    const server = await server4();
    const client = await client4();
    const other = await other4();
    await client.send("255.255.255.255", 67, [1, 2, 3]);
    await until(() => server.datagrams.length === 1);
    await other.send("255.255.255.255", 67, [4]);
    await until(() => server.datagrams.length === 2);
    await other.send("10.77.1.255", 67, [5]);
    await until(() => server.datagrams.length === 3);
    await other.send("10.77.1.1", 67, [6]);
    await until(() => server.datagrams.length === 4);
    expect(server.datagrams).toEqual([
      {
        address: "0.0.0.0",
        port: 68,
        octets: [1, 2, 3],
        interfaceName: "s0",
        localAddress: "10.77.0.1",
        unicast: false,
      },
      { address: "10.77.1.9", port: 68, octets: [4], interfaceName: "s1", localAddress: "10.77.1.1", unicast: false },
      { address: "10.77.1.9", port: 68, octets: [5], interfaceName: "s1", localAddress: "10.77.1.1", unicast: false },
      { address: "10.77.1.9", port: 68, octets: [6], interfaceName: "s1", localAddress: "10.77.1.1", unicast: true },
    ]);
  });

  test("a broadcast leaves on the interface that is named, and on no other", async () => {
    const server = await server4();
    const client = await client4();
    const other = await other4();
    await server.sendOnLink("s1", "255.255.255.255", 68, undefined, [1]);
    await until(() => other.datagrams.length === 1);
    await server.sendOnLink("s0", "255.255.255.255", 68, undefined, [2]);
    await until(() => client.datagrams.length === 1);
    expect(other.datagrams.map(({ address, octets }) => ({ address, octets }))).toEqual([
      { address: "10.77.1.1", octets: [1] },
    ]);
    expect(client.datagrams.map(({ address, octets }) => ({ address, octets }))).toEqual([
      { address: "10.77.0.1", octets: [2] },
    ]);
  });

  test("a reply reaches a client that does not answer ARP, by its hardware address", async () => {
    const server = await server4();
    const client = await client4();
    // The client holds the address, so that it takes the reply, but nobody can ask for it: as before it is configured.
    lab.client.ip("link", "set", "c0", "arp", "off");
    lab.client.ip("addr", "add", "10.77.0.50/24", "dev", "c0");
    // Outside the network of the interface too: a shared network.
    lab.client.ip("addr", "add", "10.78.0.50/32", "dev", "c0");
    try {
      await server.send("10.77.0.50", 68, [0]);
      const hardware = clientHardware();
      await server.sendOnLink("s0", "10.77.0.50", 68, hardware, [1]);
      await server.sendOnLink("s0", "10.78.0.50", 68, hardware, Array(301).fill(2));
      await until(() => client.datagrams.length === 2);
      expect(client.datagrams.map(({ address, port, octets }) => ({ address, port, octets }))).toEqual([
        { address: "10.77.0.1", port: 67, octets: [1] },
        { address: "10.77.0.1", port: 67, octets: Array(301).fill(2) },
      ]);
      expect(server.faults).toEqual([]);
    } finally {
      lab.client.ip("addr", "del", "10.78.0.50/32", "dev", "c0");
      lab.client.ip("addr", "del", "10.77.0.50/24", "dev", "c0");
      lab.client.ip("link", "set", "c0", "arp", "on");
      lab.client.ip("route", "replace", "default", "dev", "c0");
    }
  });

  test("a probe by ARP finds an address in use on its link, and only there", async () => {
    const server = await server4();
    lab.other.ip("neigh", "flush", "dev", "c1");
    expect(await server.probe("s1", "10.77.1.9", 10_000)).toBe(true);
    expect(await server.probe("s1", "10.77.1.10", 200)).toBe(false);
    expect(await server.probe("s0", "10.77.1.9", 200)).toBe(false);
    expect(await server.statistics()).toMatchObject({ probesRefused: 0 });
    // Nobody's cache learned anything from it.
    expect(lab.other.execute("ip", "neigh", "show", "to", "10.77.1.1")).toBe("");
  });

  test("a probe by echo finds an address in use behind a router", async () => {
    lab.other.ip("addr", "add", "10.99.0.7/32", "dev", "lo");
    lab.server.ip("route", "add", "10.99.0.0/24", "via", "10.77.1.9");
    const server = await server4();
    expect(await server.probe(undefined, "10.99.0.7", 10_000)).toBe(true);
    expect(await server.probe(undefined, "10.99.0.8", 200)).toBe(false);
    // No route at all: nobody is there.
    expect(await server.probe(undefined, "203.0.113.1", 10_000)).toBe(false);
    expect(await server.statistics()).toMatchObject({ probesRefused: 0 });
  });

  test("a socket bound to a device hears that device alone", async () => {
    const bound = await server4({ device: "s1" });
    const client = await client4();
    const other = await other4();
    await client.send("255.255.255.255", 67, [1]);
    await other.send("255.255.255.255", 67, [2]);
    await until(() => bound.datagrams.length === 1);
    expect(bound.datagrams[0]).toMatchObject({ octets: [2], interfaceName: "s1" });
  });

  test("an interface that is deleted and made again is heard again, on a socket bound to it too", async () => {
    joinHosts(lab.server, "s0.100", lab.client, "c0.100");
    const wildcard = await server4();
    const bound = await server4({ device: "s0.100" });
    const client = await client4();
    lab.client.ip("route", "replace", "default", "dev", "c0.100");
    await client.send("255.255.255.255", 67, [1]);
    await until(() => wildcard.datagrams.length === 1 && bound.datagrams.length === 1);

    lab.server.ip("link", "del", "s0.100");
    await wildcard.sendOnLink("s0.100", "255.255.255.255", 68, undefined, [9]);
    await until(() => wildcard.faults.length === 1);
    expect(wildcard.faults).toEqual(["255.255.255.255 68: no such device: the interface is gone"]);

    joinHosts(lab.server, "s0.100", lab.client, "c0.100");
    lab.client.ip("route", "replace", "default", "dev", "c0.100");
    await sendUntil(
      () => client.send("255.255.255.255", 67, [2]),
      () => wildcard.datagrams.length > 1 && bound.datagrams.length > 1,
    );
    expect(wildcard.datagrams.at(-1)).toMatchObject({ octets: [2], interfaceName: "s0.100" });
    expect(bound.datagrams.at(-1)).toMatchObject({ octets: [2], interfaceName: "s0.100" });
    await bound.sendOnLink("s0.100", "255.255.255.255", 68, undefined, [3]);
    await until(() => client.datagrams.length === 1);
    lab.server.ip("link", "del", "s0.100");
    lab.client.ip("route", "replace", "default", "dev", "c0");
  });

  describe.each(["batched", "plain"] as const)("IPv6, $0 sockets", (implementation) => {
    const server6 = (interfaces: string[]) =>
      kept(lab.server.open({ implementation, family: 6, port: 547, multicastInterfaces: interfaces }));
    const multicast = (socket: HostSocket, device: string, octets: number[]) =>
      socket.sendOnLink(device, "ff02::1:2", 547, undefined, octets);

    test("a multicast arrives with its interface, where the group is joined, and a reply finds its way", async () => {
      const server = await server6(["s0"]);
      const client = await kept(lab.client.open({ implementation: "plain", family: 6, port: 546 }));
      const other = await kept(lab.other.open({ implementation: "plain", family: 6, port: 546 }));
      await multicast(other, "c1", [1]);
      await multicast(client, "c0", [2]);
      await until(() => server.datagrams.length === 1);
      const [arrived] = server.datagrams;
      expect(arrived).toMatchObject({ port: 546, octets: [2], interfaceName: "s0" });
      expect(arrived?.address).toMatch(/^fe80::[0-9a-f:]+$/);
      if (implementation === "batched") expect(arrived).toMatchObject({ unicast: false });
      await server.sendOnLink("s0", arrived?.address ?? "", 546, undefined, [3]);
      await until(() => client.datagrams.length === 1);
      expect(client.datagrams[0]).toMatchObject({ port: 547, octets: [3], interfaceName: "c0" });
    });

    test("the group is joined and left as the interfaces of the server change", async () => {
      const server = await server6(["s0"]);
      const client = await kept(lab.client.open({ implementation: "plain", family: 6, port: 546 }));
      const other = await kept(lab.other.open({ implementation: "plain", family: 6, port: 546 }));
      await server.multicastInterfaces(["s1"]);
      await multicast(client, "c0", [1]);
      await multicast(other, "c1", [2]);
      await until(() => server.datagrams.length === 1);
      await server.multicastInterfaces(["s0", "s1"]);
      await multicast(client, "c0", [3]);
      await until(() => server.datagrams.length === 2);
      expect(server.datagrams.map(({ octets, interfaceName }) => [octets[0], interfaceName])).toEqual([
        [2, "s1"],
        [3, "s0"],
      ]);
    });

    test("an interface that comes later, goes, and comes again is joined each time", async () => {
      const server = await server6(["s0", "s0.100"]);
      const client = await kept(lab.client.open({ implementation: "plain", family: 6, port: 546 }));
      for (const octet of [1, 2]) {
        joinHosts(lab.server, "s0.100", lab.client, "c0.100");
        await sendUntil(
          () => multicast(client, "c0.100", [octet]),
          () => server.datagrams.some(({ octets }) => octets[0] === octet),
        );
        expect(server.datagrams.at(-1)).toMatchObject({ interfaceName: "s0.100" });
        lab.server.ip("link", "del", "s0.100");
      }
    });
  });
});
