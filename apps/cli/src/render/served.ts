import type { ServerActive, ServerActivePeer, ServerBulkConnections } from "@leasewire/api";
import { safeLine } from "../safe-text.ts";
import { renderFields, renderTable } from "./table.ts";
import { utcText, utcTextMs } from "./time.ts";

export function renderServerBulkConnections(statistics: ServerBulkConnections): string {
  const fields = renderFields([
    ["Accepted", statistics.accepted],
    ["Not accepted", statistics.notAccepted],
    ["Closed due to error", statistics.closedDueToError],
    ["Closed due to max-empty-replies", statistics.closedDueToMaxEmptyReplies],
    ["In flight", statistics.inFlight],
  ]);
  return `${fields}\nCounted since ${utcTextMs(statistics.sinceMs)}.\n`;
}

export function renderActivePeers({ peers }: ServerActive): string {
  if (peers.length === 0) return "No requestor is connected for active leasequery.\n";
  return renderTable<ServerActivePeer>(
    [
      { title: "Peer", value: (peer) => peer.address },
      { title: "Instance", value: (peer) => peer.instance },
      { title: "Role", value: (peer) => peer.role },
      { title: "State", value: (peer) => stateText[peer.state] },
      { title: "Up since", value: (peer) => utcTextMs(peer.upSinceMs) },
      { title: "Bindings sent", value: (peer) => peer.bindingsSent, align: "right" },
      { title: "Backlog", value: (peer) => peer.backlogChanges, align: "right" },
    ],
    peers,
  );
}

export function renderActivePeerDetails({ peers }: ServerActive): string {
  return peers
    .map(
      (peer) =>
        `Peer ${safeLine(peer.address)}#${peer.port}\n${renderFields(
          [
            ["Instance", peer.instance],
            ["Role", peer.role],
            ["State", stateText[peer.state]],
            ["Local address", `${peer.localAddress}#${peer.localPort}`],
            ["TLS", peer.tls ? "yes" : "no"],
            ["Up since", utcTextMs(peer.upSinceMs)],
            ["Timeout", `${peer.timeoutSeconds} s`],
            ["Idle timeout", `${peer.idleTimeoutSeconds} s`],
            ["Keepalive period", `${peer.keepalivePeriodSeconds} s`],
            ["Last sent", peer.lastSentAtMs === null ? "never" : utcTextMs(peer.lastSentAtMs)],
            ["Last received", peer.lastReceivedAtMs === null ? "never" : utcTextMs(peer.lastReceivedAtMs)],
            ["Last base-time", peer.lastBaseTimeSeconds === null ? "none" : utcText(peer.lastBaseTimeSeconds)],
            ["Catch-up start", peer.catchUpStartSeconds === null ? "not asked for" : utcText(peer.catchUpStartSeconds)],
            ["Last status code", peer.lastStatus ?? "none"],
            ["Bindings sent", peer.bindingsSent],
            ["Backlog", peer.backlogChanges],
          ],
          "    ",
        )}`,
    )
    .join("\n");
}

export function renderActivePeerStatistics({ peers }: ServerActive): string {
  return peers
    .map(
      (peer) =>
        `Peer ${safeLine(peer.address)}#${peer.port}, connected since ${utcTextMs(peer.upSinceMs)}\n${
          peer.counters.length === 0
            ? "    no messages yet\n"
            : renderFields(
                peer.counters.map(({ name, value }) => [safeLine(name), value] as const),
                "    ",
              )
        }`,
    )
    .join("\n");
}

const stateText: Readonly<Record<ServerActivePeer["state"], string>> = {
  bulk: "Bulk",
  "catch-up": "Catch-up",
  active: "Active",
};
