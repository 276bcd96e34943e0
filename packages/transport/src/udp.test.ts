import { createSocket, type Socket } from "node:dgram";
import { afterEach, describe, expect, test } from "vitest";
import { explainBindFailure, explainSendFailure } from "./errors.ts";
import { type LinkHandlers, type LinkTransport, openUdp, type UdpEndpoint } from "./udp.ts";

const open: LinkTransport[] = [];
const foreign: Socket[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
  for (const socket of foreign.splice(0)) socket.close();
});

interface Received {
  readonly address: string;
  readonly port: number;
  readonly bytes: Uint8Array;
}

function collector() {
  const received: Received[] = [];
  const failed: { tag: number; reason: string }[] = [];
  const faults: Error[] = [];
  const handlers: LinkHandlers = {
    onDatagram: (address, port, bytes) => void received.push({ address, port, bytes }),
    onSendFailed: (tag, reason) => void failed.push({ tag, reason }),
    onFault: (error) => void faults.push(error),
  };
  return { received, failed, faults, handlers };
}

async function opened(endpoint: UdpEndpoint, handlers: LinkHandlers): Promise<LinkTransport> {
  const result = await openUdp(endpoint, handlers);
  if (!result.ok) throw new Error(result.error.message);
  open.push(result.value);
  return result.value;
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !condition(); i += 1) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(condition()).toBe(true);
}

describe.each([
  { family: 4, address: "127.0.0.1" },
  { family: 6, address: "::1" },
] as const)("family $family", ({ family, address }) => {
  test("datagrams go from the bound port to the peer and back", async () => {
    const a = collector();
    const b = collector();
    const one = await opened({ family, address, port: 0 }, a.handlers);
    const two = await opened({ family, address, port: 0 }, b.handlers);
    one.send(address, two.port, Uint8Array.of(1, 2, 3), 1);
    await until(() => b.received.length === 1);
    expect(b.received[0]).toEqual({ address, port: one.port, bytes: Uint8Array.of(1, 2, 3) });
    expect(a.failed).toEqual([]);
  });

  test("a port another program holds is refused with the remedy", async () => {
    const taken = await new Promise<number>((resolve) => {
      const socket = createSocket({ type: family === 4 ? "udp4" : "udp6" });
      foreign.push(socket);
      socket.bind(0, address, () => resolve(socket.address().port));
    });
    const result = await openUdp({ family, address, port: taken }, collector().handlers);
    expect(result).toEqual({
      ok: false,
      error: {
        code: "port-in-use",
        message: `Cannot listen on ${address} port ${taken}: another program uses it. Stop that program ("ss -ulpn" names it), or choose another listen-port.`,
      },
    });
  });

  test("a handler that throws reaches onFault, not the process", async () => {
    const a = collector();
    const one = await opened(
      { family, address, port: 0 },
      {
        ...a.handlers,
        onDatagram: () => {
          throw new Error("fault");
        },
      },
    );
    one.send(address, one.port, Uint8Array.of(1), 1);
    await until(() => a.faults.length === 1);
    expect(a.faults[0]?.message).toBe("fault");
  });

  test("closing twice is harmless and sends nothing afterwards", async () => {
    const a = collector();
    const one = await opened({ family, address, port: 0 }, a.handlers);
    await one.close();
    await one.close();
    one.send(address, 9, Uint8Array.of(1), 1);
    expect(a.failed).toEqual([]);
  });
});

test("an address of another machine is refused with the remedy", async () => {
  const result = await openUdp({ family: 4, address: "198.51.100.77", port: 0 }, collector().handlers);
  expect(result.ok ? "" : result.error.code).toBe("address-not-ours");
  expect(result.ok ? "" : result.error.message).toContain("this machine does not have the address");
});

test("what the system refuses to send comes back with its tag", async () => {
  const a = collector();
  const one = await opened({ family: 4, address: "127.0.0.1", port: 0 }, a.handlers);
  // From a loopback address nothing leaves the machine.
  one.send("203.0.113.1", 67, Uint8Array.of(1), 42);
  one.send("127.0.0.1", 9, new Uint8Array(65_530), 43);
  await until(() => a.failed.length === 2);
  expect(a.failed.map(({ tag }) => tag).sort()).toEqual([42, 43]);
  expect(a.failed.find(({ tag }) => tag === 43)?.reason).toBe("message too long for the network");
});

describe("sentences", () => {
  test.each([
    ["EADDRINUSE", "port-in-use"],
    ["EADDRNOTAVAIL", "address-not-ours"],
    ["EACCES", "permission"],
    ["EPERM", "permission"],
    ["EINVAL", "address-invalid"],
    ["EAFNOSUPPORT", "family-unavailable"],
    ["EMFILE", "descriptors-exhausted"],
    ["EWHATEVER", "open-failed"],
    [undefined, "open-failed"],
  ])("bind %s is %s", (system, code) => {
    const error = explainBindFailure(system, "192.0.2.1 port 67", 67);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^Cannot listen on 192\.0\.2\.1 port 67: .+\.$/);
  });

  test("the remedy for a privileged port differs from that for others", () => {
    expect(explainBindFailure("EACCES", "x port 67", 67).message).toContain("CAP_NET_BIND_SERVICE");
    expect(explainBindFailure("EACCES", "x port 6700", 6700).message).not.toContain("CAP_NET_BIND_SERVICE");
  });

  test.each([
    ["ENETUNREACH", "network unreachable: there is no route to 192.0.2.9"],
    ["EHOSTUNREACH", "host unreachable: 192.0.2.9 does not answer on its link"],
    ["ENETDOWN", "network down: the interface is not up"],
    ["EPERM", "not permitted: the operating system (perhaps a firewall) refuses to send to 192.0.2.9"],
    ["ENOBUFS", "no buffer space: the machine is out of memory for packets"],
    ["EWHATEVER", "the operating system says EWHATEVER"],
  ])("send %s", (system, clause) => {
    expect(explainSendFailure(system, "192.0.2.9")).toBe(clause);
  });
});
