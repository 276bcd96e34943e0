import {
  type Services,
  type StreamEvent,
  type StreamEventKind,
  type StreamPhase,
  streamEventsShownMax,
  streamPhases,
} from "@leasewire/api";
import type { RecoveryRepository, StoredStreamEvent, StreamKey } from "@leasewire/db";
import { parseInstance } from "@leasewire/net";
import { instancesMatching } from "../../engine-thread/instances.ts";
import type { EngineApi } from "../../engine-thread/messages.ts";
import type { Remote } from "../../threads/rpc.ts";
import { fromEngine, refusal, value } from "../answer.ts";
import type { WriteAuditOf } from "../audit.ts";

export interface StreamServicesParts {
  readonly node: string;
  readonly engine: Pick<Remote<EngineApi>, "streams" | "restartStreams">;
  readonly records: Pick<RecoveryRepository, "events">;
  readonly audit: WriteAuditOf;
  readonly now: () => number;
}

const spanMs = { hour: 3_600_000, day: 86_400_000 } as const;

/** Connections of the relays for active leasequery, now and in the past. */
export function createStreamServices({ node, engine, records, audit, now }: StreamServicesParts): Services["streams"] {
  return {
    list: ({ family, ...selector }) =>
      fromEngine(async () => {
        const streams = await engine.streams();
        const instances = instancesMatching(
          streams.map(({ instance }) => instance as `${string}:${string}`),
          selector,
        );
        return value(
          streams.filter(
            (stream) =>
              (family === undefined || stream.family === family) &&
              instances.includes(stream.instance as `${string}:${string}`),
          ),
        );
      }),
    restart: (who, input) =>
      fromEngine(async () => {
        const answer = await engine.restartStreams(input);
        const done = `DHCPv${input.family} active leasequery${input.resync === true ? ", everything anew" : ""}`;
        audit(who, "streams.restart", input.peerAddress, answer.ok, answer.ok ? done : answer.refusal.message);
        return answer;
      }),
    history: ({ id, span }) =>
      fromEngine(async () => {
        const key = keyOf(id);
        if (key === null) return refusal("NOT_FOUND", "There is no stream with this id.", "id");
        const toMs = now();
        const fromMs = toMs - spanMs[span];
        const { events, before } = await records.events(node, key, fromMs, streamEventsShownMax);
        const live = (await engine.streams()).find((stream) => stream.id === id);
        if (live === undefined && events.length === 0 && before === null) {
          return refusal("NOT_FOUND", "There is no stream with this id.", "id");
        }
        return value({
          id,
          fromMs,
          toMs,
          phaseBefore: phaseOf(before),
          events: events.map(eventOf),
          gaps: live?.gaps ?? [],
        });
      }),
  };
}

function keyOf(id: string): StreamKey | null {
  const [family, instance = "", server = "", ...more] = id.split("|");
  const parsed = parseInstance(instance);
  if ((family !== "4" && family !== "6") || server === "" || more.length > 0 || !parsed.ok) return null;
  return { family: family === "4" ? 4 : 6, instance: parsed.value, server };
}

function eventOf(event: StoredStreamEvent): StreamEvent {
  return { atMs: event.atMs, kind: event.kind as StreamEventKind, phase: phaseOf(event), text: event.text };
}

function phaseOf(event: StoredStreamEvent | null): StreamPhase | null {
  return streamPhases.find((phase) => phase === event?.phase) ?? null;
}
