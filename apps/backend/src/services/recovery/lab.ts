import type { LabRelay, Services } from "@leasewire/api";
import { instanceParts } from "@leasewire/net";
import type { EngineApi } from "../../engine-thread/messages.ts";
import type { Remote } from "../../threads/rpc.ts";
import { fromEngine, refusal, value } from "../answer.ts";
import type { WriteAuditOf } from "../audit.ts";
import type { RecoveryBook } from "./book.ts";

export interface LabServicesParts {
  readonly engine: Pick<Remote<EngineApi>, "relaysForwarding" | "forgetRelay">;
  readonly book: Pick<RecoveryBook, "forgetBaseTimes">;
  /** Whether the active configuration is that of the lab. */
  readonly isLab: () => boolean;
  readonly audit: WriteAuditOf;
  readonly now: () => number;
}

/** The relays of the lab: logical systems that pass messages of simulated subscribers on. */
export function createLabServices({ engine, book, isLab, audit, now }: LabServicesParts): Services["lab"] {
  const restarted = new Map<string, number>();

  async function relays(): Promise<(LabRelay & { readonly instance: `${string}:${string}` })[]> {
    if (!isLab()) return [];
    return (await engine.relaysForwarding()).flatMap(({ instance, bindings }) => {
      const name = instanceParts(instance).logicalSystem;
      if (name === undefined) return [];
      return [
        { instance, name, bindings4: bindings[4], bindings6: bindings[6], restartedAtMs: restarted.get(name) ?? null },
      ];
    });
  }

  return {
    view: () => fromEngine(async () => value({ relays: (await relays()).map(({ instance: _, ...relay }) => relay) })),
    restartRelay: (who, name) =>
      fromEngine(async () => {
        const relay = (await relays()).find((one) => one.name === name);
        if (relay === undefined) {
          const message = isLab()
            ? `The lab has no relay ${name}.`
            : "Only relays of the lab are restarted empty, and this is not the lab.";
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
