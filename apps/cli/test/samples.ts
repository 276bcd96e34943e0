import type {
  BindingDetail,
  BindingRow,
  LeasequeryRun,
  LeasequeryRunDetail,
  LeasequeryRunServer,
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
