import type { BindingListInput } from "@leasewire/api";
import { formatIpv4, formatIpv6 } from "@leasewire/net";
import { afterEach, expect, test } from "vitest";
import { eventually, freePort, LinkEnd, lease4, lease6, startEngines } from "../../../test/support/relay-lab.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const relay = "set logical-systems bng-a forwarding-options dhcp-relay";
const unit = "set logical-systems bng-a interfaces ge-0/0/1 unit 100";

async function lab(more = "") {
  const [server, server6, agent, agent6, local, local6, remote, remote6] = await Promise.all(
    Array.from({ length: 8 }, freePort),
  );
  const configuration = `set access address-assignment pool homes family inet network 10.1.0.0/24
set access address-assignment pool homes6 family inet6 prefix 2001:db8:1::/64
set system services dhcp-local-server listen-address 127.0.0.1
set system services dhcp-local-server listen-port ${server}
set system services dhcp-local-server address-probe disable
set system services dhcp-local-server allow-leasequery
set system services dhcp-local-server dhcpv6 listen-address ::1
set system services dhcp-local-server dhcpv6 listen-port ${server6}
${unit} family inet address 10.1.0.254/24
${unit} family inet6 address 2001:db8:1::ffff/64
${unit} datagram-link inet local-address 127.0.0.1 local-port ${local} remote-address 127.0.0.1 remote-port ${remote}
${unit} datagram-link inet6 local-address ::1 local-port ${local6} remote-address ::1 remote-port ${remote6}
${relay} listen-address 127.0.0.1
${relay} listen-port ${agent}
${relay} server-group core 127.0.0.1 port ${server}
${relay} overrides always-write-option-82
${relay} relay-option-82 circuit-id
${relay} relay-option-82 link-selection
${relay} leasequery
${relay} group access interface ge-0/0/1.100
${relay} dhcpv6 listen-address ::1
${relay} dhcpv6 listen-port ${agent6}
${relay} dhcpv6 server-group core ::1 port ${server6}
${relay} dhcpv6 relay-agent-interface-id
${relay} dhcpv6 group access interface ge-0/0/1.100
${more}`;
  const engines = await startEngines(configuration);
  closing.push(() => engines.service.stop());
  const link4 = await LinkEnd.open(remote!, local!);
  closing.push(() => link4.close());
  const link6 = await LinkEnd.open(remote6!, local6!, "::1");
  closing.push(() => link6.close());
  return { ...engines, link4, link6, agent: agent! };
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
