import { BindingState, type BindingTable } from "@leasewire/bindings";
import {
  type Ipv4Address,
  ipv6Unspecified,
  parseClientIdentifier,
  parseDuid,
  parseIpv4,
  parseIpv6,
  parseMac,
  type Result,
} from "@leasewire/net";
import {
  decodeMessage4,
  decodeMessage6,
  leasequery4,
  leasequery6,
  type Message6,
  messageTypeName4,
  type Query4,
  query6,
  readLeaseReply4,
  readLeaseReply6,
} from "@leasewire/wire";
import { expect, test } from "vitest";
import { createLabServer, type LabExample, type LabServer } from "./lab-server.ts";

const NOW = 1_790_000_000_000;

function value<T>(result: Result<T> | { ok: boolean; value?: T }): T {
  if (!result.ok) throw new Error(JSON.stringify(result));
  return result.value as T;
}

function ask(server: LabServer, example: LabExample, now: number): string {
  if (example.family === 4) {
    const query: Query4 =
      example.kind === "address"
        ? { kind: "address", address: value(parseIpv4(example.text)) }
        : example.kind === "mac"
          ? { kind: "mac", htype: 1, address: value(parseMac(example.text)) }
          : example.kind === "client-id"
            ? { kind: "client-id", clientId: value(parseClientIdentifier(example.text)) }
            : { kind: "remote-id", remoteId: new TextEncoder().encode(example.text) };
    const giaddr = value(parseIpv4(example.gatewayAddress));
    const bytes = leasequery4({ xid: 7, giaddr, query, parameterRequestList: [51, 82, 91] });
    const answer = server.respond4(bytes, "127.0.0.1", now);
    if (answer.kind === "drop") return answer.reason;
    const reply = value(readLeaseReply4(value(decodeMessage4(answer.bytes))));
    return messageTypeName4(reply.messageType)!.replace("DHCPLEASE", "").toLowerCase();
  }
  const [address, length] = example.text.split("/");
  const { queryType, queryOptions } = query6(
    example.kind === "client-id"
      ? { kind: "client-id", clientDuid: value(parseDuid(example.text)) }
      : { kind: "address", address: value(parseIpv6(address!)) },
    [47],
  );
  const bytes = leasequery6({
    transactionId: 9,
    clientDuid: Uint8Array.from([0, 3, 0, 1, 9]),
    queryType,
    queryOptions,
    linkAddress: ipv6Unspecified,
  });
  const answer = server.respond6(bytes, "::1", now);
  if (answer.kind === "drop") return answer.reason;
  const reply = value(readLeaseReply6(value(decodeMessage6(answer.bytes)) as Message6));
  if (reply.status !== undefined) return `status ${reply.status.code}`;
  if (reply.clientLinks !== undefined) return "several links";
  const { clientData } = reply;
  if (clientData === undefined) return "unassigned";
  expect(clientData.relayData).toBeDefined();
  if (length !== undefined) expect(clientData.prefixes[0]?.prefixLength).toBe(Number(length));
  return "active";
}

test("every example gets the answer it promises, at the start and a day later", () => {
  const server = createLabServer({ seed: 1, now: NOW });
  for (const now of [NOW, NOW + 86_400_000]) {
    server.step(now);
    const examples = server.examples();
    expect(new Set(examples.map(({ family, kind }) => `${family} ${kind}`)).size).toBe(7);
    expect(new Set(examples.map(({ expected }) => expected)).size).toBe(4);
    for (const example of examples) expect([example, ask(server, example, now)]).toEqual([example, example.expected]);
  }
});

test("a query without giaddr and a broken datagram are dropped with a reason", () => {
  const server = createLabServer({ seed: 1, now: NOW });
  const bytes = leasequery4({
    xid: 1,
    giaddr: 0 as Ipv4Address,
    query: { kind: "address", address: 1 as Ipv4Address },
    parameterRequestList: [],
  });
  expect(server.respond4(bytes, "127.0.0.1", NOW)).toMatchObject({ kind: "drop", reason: "query-giaddr-zero" });
  expect(server.respond4(bytes.subarray(0, 100), "127.0.0.1", NOW)).toMatchObject({
    kind: "drop",
    reason: "message-truncated",
  });
  expect(server.respond6(bytes.subarray(0, 3), "::1", NOW)).toMatchObject({
    kind: "drop",
    reason: "message-truncated",
  });
});

test("one seed gives one life, in whatever steps it is lived", () => {
  const whole = createLabServer({ seed: 5, now: NOW, subscribers: 60 });
  const stepped = createLabServer({ seed: 5, now: NOW, subscribers: 60 });
  whole.step(NOW + 3600_000);
  for (let seconds = 0; seconds <= 3600; seconds += 7) stepped.step(NOW + seconds * 1000);
  stepped.step(NOW + 3600_000);
  expect(contents(stepped.table4)).toEqual(contents(whole.table4));
  expect(contents(stepped.table6)).toEqual(contents(whole.table6));
  const other = createLabServer({ seed: 6, now: NOW, subscribers: 60 });
  other.step(NOW + 3600_000);
  expect(contents(other.table4)).not.toEqual(contents(whole.table4));
});

test("subscribers come, renew, leave and run out", () => {
  const server = createLabServer({ seed: 3, now: NOW });
  const states = new Set<number>();
  const before = server.table4.sequence;
  for (let minutes = 1; minutes <= 240; minutes += 1) {
    server.step(NOW + minutes * 60_000);
    for (let row = 1; row <= server.table4.rowLast; row += 1)
      if (server.table4.has(row)) states.add(server.table4.stateOf(row));
  }
  expect([...states].sort()).toEqual([BindingState.ACTIVE, BindingState.EXPIRED, BindingState.RELEASED]);
  expect(server.table4.sequence - before).toBeGreaterThan(5000);
  const online = server.table4.counts("default:default")[BindingState.ACTIVE]!;
  expect(online).toBeGreaterThan(150);
});

function contents(table: BindingTable): string[] {
  const rows: string[] = [];
  for (let row = 1; row <= table.rowLast; row += 1) {
    const binding = table.at(row);
    if (binding === undefined) continue;
    rows.push(
      `${binding.id} ${binding.state} ${binding.clientLastTransactionTimeSeconds} ${binding.startTimeOfStateSeconds}`,
    );
  }
  return rows.sort();
}
