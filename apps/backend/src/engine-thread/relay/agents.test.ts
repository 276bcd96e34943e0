import type { BindingListInput } from "@leasewire/api";
import { formatIpv4, formatIpv6 } from "@leasewire/net";
import { afterEach, expect, test } from "vitest";
import { eventually, LinkEnd, lease4, lease6, startEngines } from "../../../test/support/relay-lab.ts";
import { labConfiguration, labPorts } from "../../../test/support/relay-lab-configuration.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function lab() {
  const ports = await labPorts();
  const engines = await startEngines(labConfiguration(ports));
  closing.push(() => engines.service.stop());
  const link4 = await LinkEnd.open(ports.remote, ports.local);
  closing.push(() => link4.close());
  const link6 = await LinkEnd.open(ports.remote6, ports.local6, "::1");
  closing.push(() => link6.close());
  return { ...engines, link4, link6 };
}

const list = (family: 4 | 6, role: "relay" | "server"): BindingListInput => ({
  family,
  filter: { role },
  sort: { column: "address", direction: "asc" },
  offset: 0,
  limit: 100,
});

test("DHCPv4: client, relay agent and server on loopback; both know the lease, the relay names the circuit", async () => {
  const { service, link4 } = await lab();
  const identity = { hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, 1) };
  const lease = await lease4(link4, identity, 0x1234);
  expect(formatIpv4(lease.address)).toMatch(/^10\.1\.0\.\d+$/);
  const learnt = await service.listBindings(list(4, "relay"));
  expect(learnt).toMatchObject({
    ok: true,
    value: {
      rows: [
        {
          instance: "bng-a:default",
          address: formatIpv4(lease.address),
          state: "ACTIVE",
          origin: "gleaned",
          interfaceName: "ge-0/0/1.100",
        },
      ],
    },
  });
  const granted = await service.listBindings(list(4, "server"));
  expect(granted).toMatchObject({ ok: true, value: { rows: [{ instance: "default:default" }] } });
  const statistics = await service.relayStatistics(4, { logicalSystem: "bng-a" });
  expect(statistics.drops).toEqual([]);
  expect(statistics.forwarded.map(({ value }) => value)).toEqual([2, 2]);
});

test("a leasequery of the relay leaves from its relay agent's socket, and the answer finds the requestor", async () => {
  const { service, link4 } = await lab();
  const lease = await lease4(link4, { hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, 1) }, 1);
  const address = formatIpv4(lease.address);
  await service.clearBindings({ family: 4, role: "relay", all: true }, "tester");
  const started = await service.startRun(
    "one",
    { family: 4, key: { kind: "address", address }, gatewayAddress: "127.0.0.1", logicalSystem: "bng-a" },
    "tester",
  );
  expect(started.ok).toBe(true);
  await eventually(async () => (await service.run("one"))?.state !== "running");
  expect(await service.run("one")).toMatchObject({ state: "confirmed" });
  expect(await service.listBindings(list(4, "relay"))).toMatchObject({
    ok: true,
    value: { rows: [{ address, origin: "individual", interfaceName: "ge-0/0/1.100" }] },
  });
});

test("DHCPv6: an address through the relay agent", async () => {
  const { service, link6 } = await lab();
  const reply = await lease6(
    link6,
    { duid: Uint8Array.of(0, 3, 0, 1, 2, 0, 0, 0, 0, 9), associations: [{ kind: "address", iaid: 1 }] },
    0x77,
  );
  const [lease] = reply.answers.flatMap(({ leases }) => leases);
  expect(await service.listBindings(list(6, "relay"))).toMatchObject({
    ok: true,
    value: {
      rows: [
        {
          instance: "bng-a:default",
          address: formatIpv6(lease!.address),
          state: "ACTIVE",
          origin: "gleaned",
          interfaceName: "ge-0/0/1.100",
        },
      ],
    },
  });
});
