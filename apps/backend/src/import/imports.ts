import path from "node:path";
import type { Answer, ImportJob, ImportJobDetail, Principal, Services } from "@leasewire/api";
import type { EngineApi } from "../engine-thread/messages.ts";
import type { Log } from "../log.ts";
import { refusal, value } from "../services/answer.ts";
import type { WriteAudit } from "../services/audit.ts";
import type { Remote } from "../threads/rpc.ts";
import { type ImportRequest, ImportRun } from "./import-run.ts";
import { importLimits } from "./limits.ts";
import { RefusedText } from "./refused-text.ts";
import { openSpools, Spool } from "./spool.ts";

export interface ImportsParts {
  readonly engine: Remote<EngineApi>;
  /** For files that are imported whole or not at all, and lists of refused rows. */
  readonly directory: string;
  readonly audit: WriteAudit;
  readonly now: () => number;
  readonly log: Log;
}

interface Entry {
  readonly run: ImportRun;
  readonly request: ImportRequest;
  readonly refused: RefusedText;
  readonly ended: Promise<void>;
}

/** Imports of this node: those that run, and the outcome of the latest ones. */
export class Imports {
  readonly #parts: ImportsParts;
  /** In the order they began. */
  readonly #entries = new Map<string, Entry>();
  #accepted: readonly ImportRequest[] = [];
  #stopping = false;

  constructor(parts: ImportsParts) {
    this.#parts = parts;
  }

  async open(): Promise<void> {
    this.#accepted = await openSpools(this.#parts.directory);
  }

  /** Finishes what was accepted before the program stopped. The bindings must have been restored. */
  resume(): void {
    for (const request of this.#accepted) {
      const spool = new Spool(this.#parts.directory, request.id);
      this.#parts.log.info({ import: request.id, file: request.fileName }, "an import goes on after the restart");
      this.#begin(request, spool, (run) => run.resume(spool));
    }
    this.#accepted = [];
  }

  /** Reads a file to its end. Resolves when the import has ended; a refusal means that nothing was read. */
  async accept(
    request: ImportRequest,
    file: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
  ): Promise<Answer<{ readonly id: string }>> {
    if (this.#stopping) return refusal("UNAVAILABLE", "Leasewire is stopping.");
    if (this.#entries.has(request.id)) return refusal("CONFLICT", "There is an import with this id already.", "id");
    const running = [...this.#entries.values()].filter(({ run }) => !run.finished).length;
    if (running >= importLimits.runningMax) {
      return refusal(
        "CONFLICT",
        `${running} imports run already, which is the most at a time: wait for one to end, or cancel it.`,
      );
    }
    const spool = request.allOrNothing ? new Spool(this.#parts.directory, request.id) : null;
    await this.#begin(request, spool, (run) => run.run(file(run.signal)));
    return value({ id: request.id });
  }

  readonly services: Services["imports"] = {
    list: async ({ limit }) =>
      value(
        [...this.#entries.values()]
          .reverse()
          .slice(0, limit)
          .map(({ run }) => summaryOf(run.job)),
      ),
    get: async (id) => {
      const entry = this.#entries.get(id);
      return entry === undefined ? unknown : value({ ...entry.run.job, refusals: [...entry.run.job.refusals] });
    },
    cancel: async (who: Principal, id) => {
      const entry = this.#entries.get(id);
      if (entry === undefined) return unknown;
      const tooLate = entry.run.cancel(who.email);
      this.#parts.audit({
        actor: who.email,
        via: who.via,
        action: "bindings.import-cancel",
        subject: entry.request.fileName,
        outcome: tooLate === null ? "done" : "refused",
        detail: tooLate ?? `import ${id}`,
      });
      if (tooLate !== null) return refusal("CONFLICT", tooLate, "id");
      await entry.ended;
      return value(summaryOf(entry.run.job));
    },
  };

  /** The text file with the refused rows of an import, while it is remembered and has any. */
  refusedRows(id: string): { readonly path: string; readonly fileName: string } | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.run.job.rowsRefused === 0) return undefined;
    return { path: entry.refused.path, fileName: entry.request.fileName };
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const { run } of this.#entries.values()) if (!run.finished) run.leave();
    await Promise.all([...this.#entries.values()].map(({ ended }) => ended));
  }

  #begin(request: ImportRequest, spool: Spool | null, work: (run: ImportRun) => Promise<void>): Promise<void> {
    const { engine, directory, now } = this.#parts;
    const refused = new RefusedText(path.join(directory, `${request.id}.refused.txt`));
    const run = new ImportRun({ engine, request, refused, now, spool });
    const ended = work(run).then(
      () => this.#ended(request, run),
      (error: unknown) => this.#parts.log.error({ import: request.id, err: error }, "an import failed"),
    );
    this.#entries.set(request.id, { run, request, refused, ended });
    this.#forgetOldest();
    return ended;
  }

  #ended(request: ImportRequest, { job, unfinished }: ImportRun): void {
    if (unfinished) return;
    const { outcome, rowsTaken, rowsPassedOver, rowsRefused, rowsRead } = job;
    this.#parts.log.info(
      { import: job.id, file: job.fileName, state: job.state, rowsRead, rowsTaken, rowsPassedOver, rowsRefused },
      "import ended",
    );
    this.#parts.audit({
      actor: request.startedBy,
      via: request.via,
      action: "bindings.import",
      subject: request.fileName,
      outcome: job.state === "done" ? "done" : job.state === "failed" ? "failed" : "refused",
      detail: `${request.format} into ${request.instance}: ${outcome}`,
    });
  }

  #forgetOldest(): void {
    for (const [id, entry] of this.#entries) {
      if (this.#entries.size <= importLimits.jobsKeptMax) return;
      if (!entry.run.finished) continue;
      this.#entries.delete(id);
      void entry.refused.remove().catch(() => {});
    }
  }
}

const unknown = refusal("NOT_FOUND", "There is no import with this id: only the latest are remembered.", "id");

function summaryOf(job: ImportJobDetail): ImportJob {
  const { refusals: _, ...summary } = job;
  return summary;
}
