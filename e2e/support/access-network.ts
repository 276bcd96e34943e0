import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { type ClientHost, clientHost, killAll, removeQuietly, setting, text, until } from "./clients.ts";
import { endProcess, run } from "./run.ts";

/**
 * An access network with Debian's relay agent in it, for real DHCP clients of a server in the namespace of the tests:
 *
 *     namespace lwcN: a client        namespace lwrN: dhcrelay             tests, the server
 *     c1 ══════════════════════ a1    10.B.C.1/24      u0 ════════════════ lwaNs
 *                                     fdb5:…:N::1/64   198.19.x.y+1/30     198.19.x.y+2/30
 *                                                      fdb6:…:N::1/64      fdb6:…:N::2/64
 *
 * The relay forwards as a router too, so that renewals reach the server by unicast. Clients run with scripts of ours: they
 * set addresses in their namespace and write nothing elsewhere. Needs root.
 */
export interface AccessNetwork extends ClientHost {
  readonly relayNamespace: string;
  /** The server's end of the link. */
  readonly serverDevice: string;
  readonly serverAddress4: string;
  readonly serverAddress6: string;
  /** Network of the clients, a /24 and a /64; the relay has the first address of each. */
  readonly clientNetwork4: string;
  readonly clientNetwork6: string;
  /** giaddr and link-address. */
  readonly relayAddress4: string;
  readonly relayAddress6: string;
  /** `address4(10)`: the tenth address of the clients' network. */
  address4(host: number): string;
  address6(host: string): string;
  startRelay(): Promise<void>;
  stopRelay(): Promise<void>;
  /** The router drops what the client sends straight to the server, so that renewals are not heard. */
  blockUnicastToServer(blocked: boolean): void;
  remove(): Promise<void>;
}

/**
 * A client on the server's own link: c1 in namespace lwcN is joined to `device` in the namespace of the tests, which has
 * the first address of both networks.
 */
export interface AttachedClient extends ClientHost {
  readonly device: string;
  readonly network4: string;
  readonly network6: string;
  address4(host: number): string;
  address6(host: string): string;
  remove(): void;
}

const numbersMax = 4_000;
let networks = 0;

export function canMakeNetworks(): boolean {
  return process.getuid?.() === 0 && existsSync("/usr/sbin/dhcrelay");
}

export function makeAccessNetwork(): AccessNetwork {
  for (let tries = 0; tries < 256; tries += 1) {
    const number = 1 + ((process.pid * 8 + networks) % numbersMax);
    networks += 1;
    if (!existsSync(`/run/netns/lwr${number}`)) return makeNumbered(number);
  }
  throw new Error('No network namespace lwrN is free: remove what earlier tests left with "ip -all netns delete".');
}

function makeNumbered(number: number): AccessNetwork {
  const clientNamespace = `lwc${number}`;
  const relayNamespace = `lwr${number}`;
  const serverDevice = `lwa${number}s`;
  const net4 = `10.${128 + (number >> 8)}.${number & 255}`;
  const link4 = `198.19.${(number * 4) >> 8}`;
  const host4 = (number * 4) & 255;
  const hex = number.toString(16);
  const net6 = `fdb5:9b1c:77e0:${hex}:`;
  const link6 = `fdb6:9b1c:77e0:${hex}:`;
  const relayLink4 = `${link4}.${host4 + 1}`;
  const serverAddress4 = `${link4}.${host4 + 2}`;
  const serverAddress6 = `${link6}:2`;
  let relays: ChildProcess[] = [];

  const inRelay = (...args: string[]) => run("ip", ["-n", relayNamespace, ...args]);
  const inClientNs = (...args: string[]) => run("ip", ["-n", clientNamespace, ...args]);

  const network: AccessNetwork = {
    ...clientHost(clientNamespace),
    relayNamespace,
    serverDevice,
    serverAddress4,
    serverAddress6,
    clientNetwork4: `${net4}.0/24`,
    clientNetwork6: `${net6}:/64`,
    relayAddress4: `${net4}.1`,
    relayAddress6: `${net6}:1`,
    address4: (host) => `${net4}.${host}`,
    address6: (host) => `${net6}:${host}`,
    async startRelay() {
      const start = (args: string[]) =>
        spawn("ip", ["netns", "exec", relayNamespace, "/usr/sbin/dhcrelay", ...args], { stdio: "ignore" });
      relays = [
        start(["-4", "-d", "-a", "-id", "a1", "-iu", "u0", serverAddress4]),
        start(["-6", "-d", "-I", "-l", "a1", "-u", `${serverAddress6}%u0`]),
      ];
      await until(() => {
        const sockets = text("ip", ["netns", "exec", relayNamespace, "ss", "-lun"]);
        return sockets.includes(":67 ") && sockets.includes(":547 ");
      }, "dhcrelay does not listen");
    },
    async stopRelay() {
      await Promise.all(relays.map(endProcess));
      relays = [];
    },
    blockUnicastToServer(blocked) {
      setting(relayNamespace, "ipv4/ip_forward", blocked ? "0" : "1");
    },
    async remove() {
      await network.stopRelay();
      killAll(clientNamespace);
      removeQuietly(serverDevice, [relayNamespace, clientNamespace]);
    },
  };

  try {
    for (const namespace of [relayNamespace, clientNamespace]) run("ip", ["netns", "add", namespace]);
    run("ip", ["link", "add", serverDevice, "type", "veth", "peer", "name", "u0", "netns", relayNamespace]);
    inRelay("link", "add", "a1", "type", "veth", "peer", "name", "c1", "netns", clientNamespace);
    writeFileSync(`/proc/sys/net/ipv6/conf/${serverDevice}/accept_dad`, "0");
    for (const device of ["u0", "a1"]) setting(relayNamespace, `ipv6/conf/${device}/accept_dad`, "0");
    for (const name of ["accept_dad", "accept_ra"]) setting(clientNamespace, `ipv6/conf/c1/${name}`, "0");
    setting(relayNamespace, "ipv4/ip_forward", "1");
    setting(relayNamespace, "ipv6/conf/all/forwarding", "1");
    for (const namespace of [relayNamespace, clientNamespace]) run("ip", ["-n", namespace, "link", "set", "lo", "up"]);
    inRelay("addr", "add", `${relayLink4}/30`, "dev", "u0");
    inRelay("-6", "addr", "add", `${link6}:1/64`, "dev", "u0", "nodad");
    inRelay("addr", "add", `${net4}.1/24`, "dev", "a1");
    inRelay("-6", "addr", "add", `${net6}:1/64`, "dev", "a1", "nodad");
    inRelay("link", "set", "u0", "up");
    inRelay("link", "set", "a1", "up");
    inClientNs("link", "set", "c1", "up");
    run("ip", ["addr", "add", `${serverAddress4}/30`, "dev", serverDevice]);
    run("ip", ["-6", "addr", "add", `${serverAddress6}/64`, "dev", serverDevice, "nodad"]);
    run("ip", ["link", "set", serverDevice, "up"]);
    run("ip", ["route", "add", `${net4}.0/24`, "via", relayLink4]);
    run("ip", ["-6", "route", "add", `${net6}:/64`, "via", `${link6}:1`]);
  } catch (error) {
    removeQuietly(serverDevice, [relayNamespace, clientNamespace]);
    throw error;
  }
  return network;
}

export function makeAttachedClient(): AttachedClient {
  for (let tries = 0; tries < 256; tries += 1) {
    const number = 1 + ((process.pid * 8 + networks) % numbersMax);
    networks += 1;
    if (!existsSync(`/run/netns/lwc${number}`)) return makeNumberedClient(number);
  }
  throw new Error('No network namespace lwcN is free: remove what earlier tests left with "ip -all netns delete".');
}

function makeNumberedClient(number: number): AttachedClient {
  const clientNamespace = `lwc${number}`;
  const device = `lwd${number}s`;
  const net4 = `10.${192 + (number >> 8)}.${number & 255}`;
  const net6 = `fdb7:9b1c:77e0:${number.toString(16)}:`;
  const remove = () => {
    killAll(clientNamespace);
    removeQuietly(device, [clientNamespace]);
  };
  try {
    run("ip", ["netns", "add", clientNamespace]);
    run("ip", ["link", "add", device, "type", "veth", "peer", "name", "c1", "netns", clientNamespace]);
    writeFileSync(`/proc/sys/net/ipv6/conf/${device}/accept_dad`, "0");
    for (const name of ["accept_dad", "accept_ra"]) setting(clientNamespace, `ipv6/conf/c1/${name}`, "0");
    run("ip", ["addr", "add", `${net4}.1/24`, "dev", device]);
    run("ip", ["-6", "addr", "add", `${net6}:1/64`, "dev", device, "nodad"]);
    run("ip", ["link", "set", device, "up"]);
    for (const name of ["lo", "c1"]) run("ip", ["-n", clientNamespace, "link", "set", name, "up"]);
  } catch (error) {
    remove();
    throw error;
  }
  return {
    ...clientHost(clientNamespace),
    device,
    network4: `${net4}.0/24`,
    network6: `${net6}:/64`,
    address4: (host) => `${net4}.${host}`,
    address6: (host) => `${net6}:${host}`,
    remove,
  };
}
