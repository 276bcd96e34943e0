import type { Answer, BulkStartInput, Principal, QueryTemplate, Services } from "@leasewire/api";
import type { StoredTemplate, TemplateRepository } from "@leasewire/db";
import type { EngineApi, RunningBulkRun } from "../../engine-thread/messages.ts";
import type { Remote } from "../../threads/rpc.ts";
import { fromEngine, refusal, value } from "../answer.ts";
import type { WriteAuditOf } from "../audit.ts";
import type { Clock } from "../clock.ts";
import { newId } from "../id.ts";
import { oneAtATime } from "../one-at-a-time.ts";
import { recoveryServiceLimits as limits } from "./limits.ts";

export interface TemplateServicesParts {
  readonly node: string;
  readonly engine: Pick<Remote<EngineApi>, "startBulkRun" | "bulkRun">;
  readonly store: Pick<TemplateRepository, "list" | "put" | "remove">;
  readonly audit: WriteAuditOf;
  /** Of a repetition, which nobody started by hand. */
  readonly auditRepetition: (template: QueryTemplate, done: boolean, detail: string) => void;
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
}

type Stored = StoredTemplate<BulkStartInput>;

/** Bulk queries kept under a name, and started again and again where that is wanted. */
export class TemplateServices {
  readonly #parts: TemplateServicesParts;
  readonly #inOrder = oneAtATime();
  #templates: Stored[] = [];
  #cancel: (() => void) | null = null;
  #started = false;
  #stopped = false;

  constructor(parts: TemplateServicesParts) {
    this.#parts = parts;
  }

  /** Reads what is stored. Rejects when the database does not answer. */
  async open(): Promise<void> {
    this.#templates = [...(await this.#parts.store.list<BulkStartInput>(this.#parts.node))];
  }

  /** The engines run: repetitions that are due begin. */
  start(): void {
    this.#started = true;
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  readonly services: Services["templates"] = {
    list: async () => value(this.#templates.map(shown).sort((a, b) => (a.name < b.name ? -1 : 1))),
    save: (who, input) =>
      this.#inOrder(async () => {
        const known = this.#templates.find(({ id }) => id === input.id);
        if (input.id !== undefined && known === undefined) return noTemplate;
        if (this.#templates.some(({ name, id }) => name === input.name && id !== known?.id)) {
          return refusal("CONFLICT", `There is a template called ${input.name} already: choose another name.`, "name");
        }
        if (known === undefined && this.#templates.length >= limits.templatesMax) {
          return refusal("CONFLICT", `There are ${limits.templatesMax} templates, which is the most: remove one.`);
        }
        const nowMs = this.#parts.clock.now();
        const everySeconds = input.everyMinutes === null ? null : input.everyMinutes * 60;
        const isSamePace = known !== undefined && known.everySeconds === everySeconds;
        const template: Stored = {
          id: known?.id ?? newId(nowMs),
          name: input.name,
          input: input.input,
          everySeconds,
          createdBy: known?.createdBy ?? who.email,
          createdAtMs: known?.createdAtMs ?? nowMs,
          lastRunId: known?.lastRunId ?? null,
          lastRunAtMs: known?.lastRunAtMs ?? null,
          nextRunAtMs: isSamePace ? known.nextRunAtMs : everySeconds === null ? null : nowMs + everySeconds * 1000,
          lastRefusal: null,
        };
        await this.#put(template);
        const pace = input.everyMinutes === null ? "by hand" : `every ${input.everyMinutes} min`;
        this.#parts.audit(who, "templates.save", template.name, true, pace);
        return value(shown(template));
      }),
    remove: (who, id) =>
      this.#inOrder(async () => {
        const known = this.#templates.find((template) => template.id === id);
        if (known === undefined) return noTemplate;
        await this.#parts.store.remove(this.#parts.node, id);
        this.#templates = this.#templates.filter((template) => template !== known);
        this.#schedule();
        this.#parts.audit(who, "templates.remove", known.name, true, "");
        return value({ removed: true as const });
      }),
    run: (who, id) => this.#inOrder(() => fromEngine(() => this.#runByHand(who, id))),
  };

  async #runByHand(who: Principal, id: string): Promise<Answer<{ id: string }>> {
    const template = this.#templates.find((one) => one.id === id);
    if (template === undefined) return noTemplate;
    const runId = newId(this.#parts.clock.now());
    const answer = await this.#parts.engine.startBulkRun(runId, template.input, who.email, "operator");
    this.#parts.audit(who, "templates.run", template.name, answer.ok, detailOf(answer));
    if (!answer.ok) return answer;
    await this.#put({ ...template, lastRunId: runId, lastRunAtMs: this.#parts.clock.now(), lastRefusal: null });
    return value({ id: runId });
  }

  #schedule(): void {
    this.#cancel?.();
    this.#cancel = null;
    if (!this.#started || this.#stopped) return;
    const times = this.#templates.flatMap(({ nextRunAtMs }) => nextRunAtMs ?? []);
    if (times.length === 0) return;
    this.#cancel = this.#parts.clock.at(Math.min(...times), () => {
      this.#cancel = null;
      void this.#inOrder(() => this.#repeat())
        .catch((error: unknown) => this.#parts.onFault(error))
        .finally(() => this.#schedule());
    });
  }

  async #repeat(): Promise<void> {
    const { clock, engine, auditRepetition } = this.#parts;
    for (const template of this.#templates) {
      const { nextRunAtMs, everySeconds, lastRunId } = template;
      if (this.#stopped || nextRunAtMs === null || everySeconds === null || nextRunAtMs > clock.now()) continue;
      // What was missed while the program did not run is not made up for.
      const periods = Math.floor((clock.now() - nextRunAtMs) / (everySeconds * 1000)) + 1;
      const next = { ...template, nextRunAtMs: nextRunAtMs + periods * everySeconds * 1000 };
      const before = lastRunId === null ? null : await engine.bulkRun(lastRunId);
      const runId = newId(clock.now());
      const answer: Answer<RunningBulkRun> =
        before !== null && before.finishedAtMs === null
          ? refusal("CONFLICT", "The run before it is still under way.")
          : await engine.startBulkRun(runId, template.input, template.createdBy, "repetition");
      auditRepetition(shown(template), answer.ok, detailOf(answer));
      await this.#put(
        answer.ok
          ? { ...next, lastRunId: runId, lastRunAtMs: clock.now(), lastRefusal: null }
          : { ...next, lastRefusal: answer.refusal.message },
      );
    }
  }

  async #put(template: Stored): Promise<void> {
    await this.#parts.store.put(this.#parts.node, template);
    const at = this.#templates.findIndex(({ id }) => id === template.id);
    this.#templates = at < 0 ? [...this.#templates, template] : this.#templates.with(at, template);
    this.#schedule();
  }
}

const noTemplate = refusal("NOT_FOUND", "There is no template with this id.", "id");

function detailOf(answer: Answer<RunningBulkRun>): string {
  return answer.ok ? answer.value.command : answer.refusal.message;
}

function shown({ everySeconds, ...template }: Stored): QueryTemplate {
  return { ...template, everyMinutes: everySeconds === null ? null : everySeconds / 60 };
}
