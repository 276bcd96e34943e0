import { type BindingTable, Field, RowView } from "@leasewire/bindings";
import { formatInstance, type InstanceName, type Ipv4Address, instanceParts, ipv4PrefixContains } from "@leasewire/net";
import {
  type Leasequery4,
  type LeaseReply4,
  leaseReply4,
  type Message4,
  MessageType4,
  Op4,
  OptionCode4,
  readLeasequery4,
  vss as vssFormat,
} from "@leasewire/wire";
import { isTold } from "./answer.ts";
import { isLeased, originsTold } from "./lease.ts";
import { writeUint32 } from "./octets.ts";
import { vssOf } from "./query4.ts";
import { drop, type ResponderScopes4, type Response } from "./scopes.ts";
import { REPLY_BYTES_MAX, ReplyPlan4, writeLease4 } from "./write4.ts";

/** Rows of one client that are looked at; an answer lists no more addresses than that. */
export const CLIENT_ROWS_MAX = 1000;

/** Parameter request lists of late whose answers are worked out; a requestor sends the same one again and again. */
const PLANS_MAX = 16;

/**
 * Answers a DHCPLEASEQUERY (RFC 4388 §6.4, by remote-id RFC 6148) out of the table. `now` in ms. The answer goes to the
 * query's giaddr. Whether the sender may ask at all (`requestorAddresses`, the storm guard) has been found out before.
 *
 * The RFCs know no error reply: what is not a proper query is dropped, with the reason of `readLeasequery4`, or
 * `op-unexpected`, `requestor-not-allowed`.
 *
 * A query that names a VPN (option 221, RFC 6607 §6) is answered for that routing instance of the same logical system:
 * `scopesOf` gives what it manages. As for bulk queries, only the `default` routing instance may ask for others.
 */
export function respond4(
  table: BindingTable,
  own: ResponderScopes4,
  message: Message4,
  now: number,
  scopesOf: (instance: InstanceName) => ResponderScopes4 | undefined = () => undefined,
): Response {
  if (message.op !== Op4.BOOTREQUEST) return drop("op-unexpected", `a query has op 1, this message ${message.op}`);
  const read = readLeasequery4(message);
  if (!read.ok) return drop(read.error.code, read.error.message);
  const query = read.value;
  if (own.requestors !== undefined && !isInside(own.requestors, query.giaddr)) {
    return drop("requestor-not-allowed", "this gateway address may not ask");
  }
  const scopes = scopesAsked(own, message, scopesOf);
  if (scopes === undefined) return plain(own, query, message, MessageType4.DHCPLEASEUNKNOWN);
  const nowSeconds = Math.floor(now / 1000);
  const work = workOf(table);
  const search: Search = {
    table,
    instanceId: table.instanceIdOf(scopes.instance),
    origins: originsTold(scopes.origins),
    giaddr: scopes.restrictedRequestor === true ? query.giaddr : undefined,
    nowSeconds,
  };
  const { view } = work;
  let row: number;
  let others: readonly number[] | undefined;
  if (query.query.kind === "address") {
    const { address } = query.query;
    if (!isInside(scopes.managed, address)) return plain(own, query, message, MessageType4.DHCPLEASEUNKNOWN);
    writeUint32(work.address, 0, address);
    row = table.byAddress(scopes.instance, work.address);
    if (row < 0 || !isFound(search, view, row)) {
      // A restricted requestor learns nothing of what is not its own, not even that it is taken.
      const hidden = row > 0 && search.giaddr !== undefined && isFound({ ...search, giaddr: undefined }, view, row);
      const type = hidden ? MessageType4.DHCPLEASEUNKNOWN : MessageType4.DHCPLEASEUNASSIGNED;
      return plain(own, query, message, type);
    }
    others = leasesOfClient(search, work, scopes.instance, row);
  } else {
    others = latestFirst(search, work, rowsOfClient(table, scopes.instance, query), (found) => {
      return query.query.kind !== "mac" || found.hardwareType === query.query.htype;
    });
    if (others.length === 0) return plain(own, query, message, MessageType4.DHCPLEASEUNKNOWN);
    row = others[0]!;
  }

  view.read(row);
  const plan = planOf(work, own, scopes, query);
  const start = 0;
  const needed = plan.fixedBytesMax + (view.recordLength << 1) + (others?.length ?? 0) * 5;
  if (needed > work.reply.length) return drop("reply-too-long", "the answer would be longer than a datagram");
  const associated =
    others !== undefined && (others.length > 1 || plan.associatedIpsRequested)
      ? others.map((other) => table.addressWordOf(other, 0))
      : plan.associatedIpsRequested
        ? [view.addressWord]
        : undefined;
  const end = writeLease4(
    plan,
    {
      withServerIdentifier: true,
      vss: scopes === own ? undefined : vssOf(scopes.instance),
      associatedIps: associated,
    },
    view,
    work.reply,
    start,
    nowSeconds,
  );
  writeUint32(work.reply, 4, query.xid);
  writeUint32(work.reply, 24, query.giaddr);
  return { kind: "reply", bytes: work.reply.slice(start, end), unknown: false };
}

interface Search {
  readonly table: BindingTable;
  readonly instanceId: number;
  readonly origins: number;
  /** Of a restricted requestor; undefined: all bindings are told. */
  readonly giaddr: number | undefined;
  readonly nowSeconds: number;
}

/** What answering needs again and again, once for each table. */
interface Work4 {
  readonly view: RowView;
  readonly other: RowView;
  readonly address: Uint8Array;
  readonly reply: Uint8Array;
  readonly plans: {
    scopes: ResponderScopes4;
    own: ResponderScopes4;
    list: readonly number[];
    relay: boolean;
    plan: ReplyPlan4;
  }[];
}

const works = new WeakMap<BindingTable, Work4>();

function workOf(table: BindingTable): Work4 {
  let work = works.get(table);
  if (work === undefined) {
    work = {
      view: new RowView(table),
      other: new RowView(table),
      address: new Uint8Array(4),
      reply: new Uint8Array(REPLY_BYTES_MAX),
      plans: [],
    };
    works.set(table, work);
  }
  return work;
}

/** The plan for this parameter request list: that of an earlier query where there was one. */
function planOf(work: Work4, own: ResponderScopes4, scopes: ResponderScopes4, query: Leasequery4): ReplyPlan4 {
  const { plans } = work;
  const list = query.parameterRequestList;
  // RFC 6148 §4.3: the answer to a query by remote-id always carries option 82.
  const relay = query.query.kind === "remote-id";
  for (let i = 0; i < plans.length; i += 1) {
    const known = plans[i]!;
    if (known.scopes !== scopes || known.own !== own || known.relay !== relay || !isSameList(known.list, list))
      continue;
    if (i > 0) plans.unshift(...plans.splice(i, 1));
    return known.plan;
  }
  const plan = new ReplyPlan4({
    framed: false,
    xid: 0,
    giaddr: 0,
    serverIdentifier: own.serverIdentifier,
    parameterRequestList: list,
    sensitiveOptions: scopes.sensitiveOptions,
    relayInformationAlways: relay,
  });
  plans.unshift({ scopes, own, list: [...list], relay, plan });
  if (plans.length > PLANS_MAX) plans.pop();
  return plan;
}

function isSameList(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

/** The scopes that the query's VPN has; undefined: there is none that may be asked about. */
function scopesAsked(
  own: ResponderScopes4,
  message: Message4,
  scopesOf: (instance: InstanceName) => ResponderScopes4 | undefined,
): ResponderScopes4 | undefined {
  const option = message.option(OptionCode4.vss);
  if (option === undefined) return own;
  const vss = vssFormat.decode(option);
  if (!vss.ok) return undefined;
  if (vss.value.kind === "global") return own;
  if (vss.value.kind !== "name") return undefined;
  const { logicalSystem, routingInstance } = instanceParts(own.instance);
  const instance = formatInstance(logicalSystem, new TextDecoder().decode(vss.value.name));
  if (instance === own.instance) return own;
  return routingInstance === undefined ? scopesOf(instance) : undefined;
}

/** Whether the row is a lease that may be told. */
function isFound(search: Search, view: RowView, row: number): boolean {
  if (!view.readNumbers(row) || !isTold(view, search.instanceId, search.origins)) return false;
  if (!isLeased(view, search.nowSeconds)) return false;
  return search.giaddr === undefined || isFromGateway(search.table, row, search.giaddr);
}

function isFromGateway(table: BindingTable, row: number, giaddr: number): boolean {
  const stored = table.linkAddressOfId(table.linkAddressIdOf(row));
  return (
    stored?.length === 4 && ((stored[0]! << 24) | (stored[1]! << 16) | (stored[2]! << 8) | stored[3]!) >>> 0 === giaddr
  );
}

function rowsOfClient(table: BindingTable, instance: InstanceName, { query }: Leasequery4): Iterable<number> {
  switch (query.kind) {
    case "mac":
      return table.byHardwareAddress(instance, query.address);
    case "client-id":
      return table.byClientId(instance, query.clientId);
    case "remote-id":
      return table.byRemoteId(instance, query.remoteId);
    case "address":
      return [];
  }
}

/** Every lease of the client that holds this one: by its client identifier, by its hardware address if it sent none. */
function leasesOfClient(
  search: Search,
  work: Work4,
  instance: InstanceName,
  row: number,
): readonly number[] | undefined {
  const { table } = search;
  if (work.view.isOnlyOfClient && table.fieldLengthOf(row, Field.clientId) >= 0) return undefined;
  const clientId = table.fieldOf(row, Field.clientId);
  if (clientId !== undefined) return latestFirst(search, work, table.byClientId(instance, clientId), () => true);
  const hardwareAddress = table.fieldOf(row, Field.hardwareAddress);
  if (hardwareAddress === undefined) return undefined;
  const hardwareType = table.hardwareTypeOf(row);
  return latestFirst(search, work, table.byHardwareAddress(instance, hardwareAddress), (found) => {
    return found.hardwareType === hardwareType && table.fieldLengthOf(found.row, Field.clientId) < 0;
  });
}

/** The leases among rows, the one heard of last in front; equals in order of address. */
function latestFirst(
  search: Search,
  { other }: Work4,
  rows: Iterable<number>,
  accepts: (found: RowView) => boolean,
): number[] {
  const found: number[] = [];
  let visits = 0;
  for (const row of rows) {
    visits += 1;
    if (visits > CLIENT_ROWS_MAX) break;
    if (isFound(search, other, row) && accepts(other)) found.push(row);
  }
  const { table } = search;
  return found.length < 2
    ? found
    : found.sort(
        (a, b) =>
          table.clientLastTransactionTimeSecondsOf(b) - table.clientLastTransactionTimeSecondsOf(a) ||
          table.addressWordOf(a, 0) - table.addressWordOf(b, 0),
      );
}

/** DHCPLEASEUNASSIGNED and DHCPLEASEUNKNOWN tell nothing but the identifiers (RFC 4388 §6.4.2). */
function plain(
  { serverIdentifier, strictReplies }: ResponderScopes4,
  query: Leasequery4,
  message: Message4,
  messageType: LeaseReply4["messageType"],
): Response {
  const relayAgentInformation =
    // The one option beside the identifiers that may stand here (RFC 6148 §4.3).
    query.query.kind === "remote-id" ? message.option(OptionCode4.relayAgentInformation) : undefined;
  return {
    kind: "reply",
    unknown: true,
    bytes: leaseReply4({
      messageType,
      xid: query.xid,
      giaddr: query.giaddr,
      ciaddr: message.ciaddr,
      ...(strictReplies === true ? {} : { serverIdentifier }),
      ...(relayAgentInformation === undefined ? {} : { relayAgentInformation }),
    }),
  };
}

function isInside(
  prefixes: readonly { readonly address: Ipv4Address; readonly length: number }[],
  address: Ipv4Address,
): boolean {
  return prefixes.some((prefix) => ipv4PrefixContains(prefix, address));
}
