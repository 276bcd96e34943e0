import type {
  BindingDetail,
  BindingRow,
  BulkRun,
  BulkRunServer,
  LeasequeryRun,
  LeasequeryRunDetail,
  LeasequeryRunServer,
  LookupAnswer,
  StreamView,
} from "@leasewire/api";

/** 2026-11-24 07:00:00 UTC */
export const nowMs = 1_795_503_600_000;
const nowSeconds = nowMs / 1000;

export function bindingRow(changes: Partial<BindingRow> = {}): BindingRow {
  return {
    id: "4/default:default/192.0.2.7/32",
    family: 4,
    instance: "default:default",
    address: "192.0.2.7",
    kind: "address",
    state: "ACTIVE",
    hardwareAddress: "00:11:22:33:44:55",
    clientId: "01:00:11:22:33:44:55",
    iaid: null,
    expiresAt: nowSeconds + 3600,
    preferredUntil: null,
    clientLastTransactionTime: nowSeconds - 60,
    startTimeOfState: nowSeconds - 600,
    interfaceName: "ge-0/0/1.100",
    circuitId: "ge-0/0/1:100",
    remoteId: null,
    relayId: null,
    linkAddress: "192.0.2.1",
    serverAddress: "198.51.100.1",
    hostName: null,
    origin: "individual",
    role: "relay",
    sequence: 7,
    stored: true,
    ...changes,
  };
}

export function bindingDetail(changes: Partial<BindingDetail> = {}): BindingDetail {
  return {
    row: bindingRow(),
    serverIdentifier: "198.51.100.1",
    dataSource: "local",
    placement: null,
    options: [{ name: "host-name (12)", value: "modem7", offset: 0, length: 8 }],
    relayData: [
      {
        name: "relay-agent-information (82)",
        value: "",
        offset: 0,
        length: 14,
        children: [{ name: "circuit-id (1)", value: "ge-0/0/1:100", offset: 0, length: 14 }],
      },
    ],
    optionsHex: "0c066d6f64656d37",
    relayDataHex: "010c67652d302f302f313a313030",
    history: [],
    ...changes,
  };
}

export function runServer(changes: Partial<LeasequeryRunServer> = {}): LeasequeryRunServer {
  return {
    instance: "default:default",
    serverAddress: "198.51.100.1",
    serverPort: 67,
    serverGroup: "core",
    xid: "0000a1b2",
    state: "confirmed",
    attempts: 1,
    attemptsMax: 6,
    nextAttemptAtMs: null,
    roundTripMs: 2.14,
    explanation: "It named the lease of 192.0.2.7.",
    ...changes,
  };
}

export function run(changes: Partial<LeasequeryRun> = {}): LeasequeryRunDetail {
  return {
    id: "run-1",
    family: 4,
    keyKind: "address",
    key: "192.0.2.7",
    gatewayAddress: "192.0.2.1",
    linkAddress: null,
    command: "request dhcp relay leasequery 192.0.2.7 gateway-address 192.0.2.1",
    startedBy: "operator@example.net",
    startedAtMs: nowMs - 20,
    finishedAtMs: nowMs - 10,
    state: "confirmed",
    outcome: "192.0.2.7 is leased to 00:11:22:33:44:55.",
    servers: [runServer()],
    bindingIds: ["4/default:default/192.0.2.7/32"],
    stored: true,
    ...changes,
    exchanges: [],
  };
}

export function bulkServer(changes: Partial<BulkRunServer> = {}): BulkRunServer {
  return {
    instance: "default:default",
    address: "198.51.100.1",
    port: 67,
    group: "core",
    state: "complete",
    explanation: "It told everything.",
    attempts: 1,
    attemptsMax: 360,
    nextAttemptAtMs: null,
    startedAtMs: nowMs - 2_000,
    finishedAtMs: nowMs,
    received: 10,
    applied: 9,
    unchanged: 1,
    older: 0,
    notKept: 0,
    refused: [],
    waiting: 0,
    ratePerSecond: 0,
    etaMs: null,
    expected: 10,
    lastStatus: null,
    baseTimeSeconds: nowSeconds,
    startTimeSeconds: null,
    clockOffsetSeconds: 0,
    ...changes,
  };
}

export function bulkRun(changes: Partial<BulkRun> = {}): BulkRun {
  return {
    id: "run-1",
    family: 4,
    keyKind: "relay-id",
    key: "ascii:bng-a",
    linkAddress: null,
    queryStartTimeSeconds: null,
    queryEndTimeSeconds: null,
    incremental: false,
    command: "request dhcp relay bulk-leasequery relay-id ascii:bng-a",
    startedBy: "operator@example.net",
    cause: "operator",
    startedAtMs: nowMs - 2_000,
    finishedAtMs: nowMs,
    state: "complete",
    outcome: "10 bindings told.",
    expected: 10,
    received: 10,
    applied: 9,
    unchanged: 1,
    older: 0,
    refused: 0,
    servers: [bulkServer()],
    stored: true,
    ...changes,
  };
}

export function stream(changes: Partial<StreamView> = {}): StreamView {
  return {
    id: "4|default:default|198.51.100.1",
    family: 4,
    instance: "default:default",
    server: "198.51.100.1",
    port: 67,
    phase: "Active",
    explanation: "Changes arrive as they happen.",
    secure: false,
    phaseSinceMs: nowMs - 60_000,
    connectedAtMs: nowMs - 61_000,
    reconnectAtMs: null,
    reconnects: 2,
    timeoutSeconds: 120,
    idleTimeoutSeconds: 60,
    received: 100,
    applied: 90,
    unchanged: 8,
    older: 1,
    notKept: 1,
    refused: [{ reason: "no-circuit-id", count: 1, explanation: "The lease names no access interface." }],
    ratePerSecond: 3,
    keepalives: 4,
    lastReceivedAtMs: nowMs - 1_000,
    lastKeepaliveAtMs: nowMs - 30_000,
    lagSeconds: 0.4,
    clockOffsetSeconds: 0,
    baseTimeSeconds: nowSeconds,
    durableBaseTimeSeconds: nowSeconds - 1,
    catchUpFromSeconds: null,
    dataMissing: 0,
    catchUpComplete: 1,
    lastStatus: null,
    gaps: [
      {
        fromSeconds: nowSeconds - 600,
        toSeconds: nowSeconds - 500,
        why: "the server had forgotten it",
        sinceMs: nowMs - 500_000,
        runId: "gap-1",
        healedAtMs: null,
        healedBy: null,
      },
    ],
    ...changes,
  };
}

export function lookupAnswer(changes: Partial<LookupAnswer> = {}): LookupAnswer {
  const { id, family, instance, role, address, kind, state, hardwareAddress, clientId, hostName } = bindingRow();
  const { expiresAt, clientLastTransactionTime, interfaceName, circuitId, remoteId, relayId, serverAddress } =
    bindingRow();
  return {
    text: "0011.2233.4455",
    result: "found",
    kind: "mac",
    key: "00:11:22:33:44:55",
    binding: {
      id,
      family,
      instance,
      role,
      address,
      kind,
      state,
      hardwareAddress,
      clientId,
      hostName,
      expiresAt,
      clientLastTransactionTime,
      interfaceName,
      circuitId,
      remoteId,
      relayId,
      serverAddress,
    },
    further: 0,
    source: "table",
    message: "192.0.2.7 is leased to it.",
    ...changes,
  };
}
