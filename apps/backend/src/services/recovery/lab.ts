import type { LabRelay, Services } from "@leasewire/api";
import { formatInstance, type InstanceName } from "@leasewire/net";
import type { EngineApi } from "../../engine-thread/messages.ts";
import type { Remote } from "../../threads/rpc.ts";
import { fromEngine, refusal, value } from "../answer.ts";
import type { WriteAuditOf } from "../audit.ts";
import type { RecoveryBook } from "./book.ts";

export interface LabServicesParts {
  readonly engine: Pick<Remote<EngineApi>, "relaysForwarding" | "forgetRelay">;
  readonly book: Pick<RecoveryBook, "forgetBaseTimes">;
  /** Logical systems of the lab that are relays; empty outside the lab. */
  readonly relays: () => readonly string[];
  readonly audit: WriteAuditOf;
  readonly now: () => number;
}

/** The relays of the lab: logical systems that pass messages of simulated subscribers on. */
export function createLabServices({ engine, book, relays, audit, now }: LabServicesParts): Services["lab"] {
  const restarted = new Map<string, number>();

  async function known(): Promise<(LabRelay & { readonly instance: InstanceName })[]> {
    const names = relays();
    if (names.length === 0) return [];
    const forwarding = await engine.relaysForwarding();
    return names.flatMap((name) => {
      const relay = forwarding.find(({ instance }) => instance === formatInstance(name));
      if (relay === undefined) return [];
      const { instance, bindings } = relay;
      const restartedAtMs = restarted.get(name) ?? null;
      return [{ instance, name, bindings4: bindings[4], bindings6: bindings[6], restartedAtMs }];
    });
  }

  return {
    view: () => fromEngine(async () => value({ relays: (await known()).map(({ instance: _, ...relay }) => relay) })),
    restartRelay: (who, name) =>
      fromEngine(async () => {
        const relay = (await known()).find((one) => one.name === name);
        if (relay === undefined) {
          const message =
            relays().length === 0
              ? "Only relays of the lab are restarted empty, and this is not the lab."
              : `The lab has no relay ${name}.`;
          audit(who, "lab.restart-relay", name, false, message);
          return refusal("NOT_FOUND", message, "name");
        }
        await book.forgetBaseTimes(relay.instance);
        const answer = await engine.forgetRelay(relay.instance, who.email);
        if (!answer.ok) {
          audit(who, "lab.restart-relay", name, false, answer.refusal.message);
          return answer;
        }
        restarted.set(name, now());
        const { 4: forgotten4, 6: forgotten6 } = answer.value;
        audit(who, "lab.restart-relay", name, true, `${forgotten4} DHCPv4 and ${forgotten6} DHCPv6 bindings forgotten`);
        return value({ name, forgotten4, forgotten6 });
      }),
  };
}
