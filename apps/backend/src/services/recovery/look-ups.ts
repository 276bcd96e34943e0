import type {
  Answer,
  LeasequeryStartInput,
  LookupAnswer,
  LookupAnswers,
  LookupAskInput,
  Services,
} from "@leasewire/api";
import { readLookupKey } from "../../engine-thread/lookup-key.ts";
import type { EngineApi } from "../../engine-thread/messages.ts";
import type { Remote } from "../../threads/rpc.ts";
import { fromEngine, value } from "../answer.ts";
import type { WriteAuditOf } from "../audit.ts";
import { newId } from "../id.ts";
import { recoveryServiceLimits as limits } from "./limits.ts";

export interface LookupServicesParts {
  readonly engine: Pick<Remote<EngineApi>, "lookUp" | "startRun" | "run" | "cancelRun" | "targets">;
  readonly audit: WriteAuditOf;
  readonly now: () => number;
}

/** Many keys, one answer a line. */
export function createLookupServices({ engine, audit, now }: LookupServicesParts): Services["lookups"] {
  return {
    run: (input) => fromEngine(async () => value({ answers: await engine.lookUp(input) })),
    ask: (who, input) =>
      fromEngine(async (): Promise<Answer<LookupAnswers>> => {
        const answers = [...(await engine.lookUp(input))];
        const lines = input.lines.filter((line) => line.trim() !== "");
        const asked = answers.flatMap((answer, index) => (isAnswered(answer) ? [] : [index]));
        const gateway = input.gatewayAddress ?? (await gatewayOf(input));
        const endMs = now() + limits.lookupAskMsMax;
        const work = asked.values();
        await Promise.all(
          Array.from({ length: limits.lookupQueriesParallelMax }, async () => {
            for (const index of work)
              answers[index] = await ask(lines[index]!, answers[index]!, input, gateway, who.email, endMs);
          }),
        );
        audit(who, "lookups.ask", `${lines.length} lines`, true, `${asked.length} asked of servers`);
        return value({ answers });
      }),
  };

  async function gatewayOf({ logicalSystem, routingInstance }: LookupAskInput): Promise<string | undefined> {
    const { relays } = await engine.targets();
    const [system, instance] = [logicalSystem, routingInstance];
    return (
      relays.find(
        ({ family, instance: name, gatewayAddress, unavailable }) =>
          family === 4 &&
          gatewayAddress !== null &&
          unavailable === null &&
          (system === undefined || name.startsWith(`${system}:`)) &&
          (instance === undefined || name.endsWith(`:${instance}`)),
      )?.gatewayAddress ?? undefined
    );
  }

  async function ask(
    line: string,
    known: LookupAnswer,
    input: LookupAskInput,
    gateway: string | undefined,
    startedBy: string,
    endMs: number,
  ): Promise<LookupAnswer> {
    const query = queryFor(line, input, gateway);
    if (typeof query === "string") return { ...known, message: `${known.message} ${query}` };
    const id = newId(now());
    const started = await engine.startRun(id, query, startedBy);
    if (!started.ok) return { ...known, result: failedUnlessFound(known), message: started.refusal.message };
    for (;;) {
      const run = await engine.run(id);
      if (run === null || run.state !== "running") {
        const [answer] = await engine.lookUp({ ...input, lines: [line] });
        if (answer !== undefined && isAnswered(answer)) return { ...answer, source: "leasequery" };
        const failed = run === null || run.state === "failed" || run.state === "cancelled";
        return {
          ...known,
          result: failed ? failedUnlessFound(known) : known.result,
          message: run?.outcome ?? known.message,
        };
      }
      if (now() > endMs) {
        await engine.cancelRun(id);
        return { ...known, result: failedUnlessFound(known), message: "No server answered in time." };
      }
      await new Promise((resolve) => setTimeout(resolve, limits.lookupPollMs));
    }
  }
}

/** What an ended binding says stays an answer, whatever becomes of the query. */
function failedUnlessFound({ result }: LookupAnswer): LookupAnswer["result"] {
  return result === "found" ? "found" : "failed";
}

function isAnswered({ result, binding }: LookupAnswer): boolean {
  return result === "unreadable" || (result === "found" && binding?.state === "ACTIVE");
}

/** The individual leasequery for a line; or why there is none, as a sentence. */
function queryFor(
  line: string,
  { lines: _lines, gatewayAddress: _gateway, family, ...target }: LookupAskInput,
  gateway: string | undefined,
): LeasequeryStartInput | string {
  const read = readLookupKey(line, family);
  if (!read.ok) return read.message;
  const { kind, text, octets } = read.key;
  const isFour = family === 4 || (family === undefined && octets[4] !== undefined);
  if (!isFour) {
    if (kind === "mac") return "DHCPv6 has no leasequery by MAC address.";
    const key = kind === "client-id" ? { kind, duid: text } : { kind: "address" as const, address: text };
    return { family: 6, key, ...target };
  }
  if (kind === "prefix") return "DHCPv4 has no leasequery by prefix.";
  if (gateway === undefined) {
    return "Servers are not asked: no relay has a listen-address to be answered at, so say which gateway address.";
  }
  const key =
    kind === "address"
      ? { kind, address: text }
      : kind === "mac"
        ? { kind, mac: text }
        : { kind: "client-id" as const, clientId: text };
  return { family: 4, key, gatewayAddress: gateway, ...target };
}
