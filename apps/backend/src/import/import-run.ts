import type { Answer, ImportFormat, ImportJobDetail, ImportRefusal } from "@leasewire/api";
import { importRefusalsKeptMax } from "@leasewire/api";
import { type ChangeBatch, ChangeBatchWriter } from "@leasewire/db/change-batch";
import {
  createLeaseFileParser,
  type LeaseFileParser,
  type LeaseFileSink,
  type LeaseRecord,
  type LeaseRefusal,
} from "@leasewire/leasefile";
import type { InstanceName } from "@leasewire/net";
import type { ImportCounts } from "../engine-thread/imports.ts";
import type { EngineApi } from "../engine-thread/messages.ts";
import type { Remote } from "../threads/rpc.ts";
import { importLimits } from "./limits.ts";
import type { RefusedText } from "./refused-text.ts";
import type { Spool } from "./spool.ts";

export interface ImportRequest {
  readonly id: string;
  readonly format: ImportFormat;
  /** Printable. */
  readonly fileName: string;
  readonly instance: InstanceName;
  readonly allOrNothing: boolean;
  readonly startedBy: string;
  readonly via: string;
  readonly startedAtMs: number;
  /** Leases that ended before are imported as such. */
  readonly nowSeconds: number;
  readonly octetsTotal: number | null;
}

export interface ImportRunParts {
  readonly engine: Pick<Remote<EngineApi>, "importBegin" | "importBatch" | "importStored" | "importEnd">;
  readonly request: ImportRequest;
  readonly refused: RefusedText;
  readonly now: () => number;
  /** Where the file waits until every row has been read; null without all or nothing. */
  readonly spool: Spool | null;
}

/** The import cannot go on; the sentence is for the operator. */
class Stop extends Error {
  readonly state: "refused" | "cancelled" | "failed";

  constructor(state: Stop["state"], sentence: string) {
    super(sentence);
    this.state = state;
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * One import, from the first octet of the file to the last binding in the database.
 *
 * Plain, rows go to the engine as they are read. With all or nothing, the file is first kept on disk while its rows are read;
 * only if all are good it is read again and taken in. From then on it is finished even if the program stops in between: the
 * file and what is asked of it are on disk until then.
 */
export class ImportRun {
  readonly job: Mutable<ImportJobDetail>;
  readonly #parts: ImportRunParts;
  readonly #refusals: ImportRefusal[] = [];
  readonly #cancel = new AbortController();
  readonly #batch = new ChangeBatchWriter();
  readonly #cause: string;
  #inFlight: Promise<Answer<ImportCounts>> | null = null;
  #unchanged = 0;
  #outsidePools = 0;
  /** What is read now is taken in, not only looked at. */
  #taking = false;
  #rowsToTake: Record<4 | 6, number> = { 4: 0, 6: 0 };
  #cancelledBy = "";
  #leaving = false;

  constructor(parts: ImportRunParts) {
    this.#parts = parts;
    const { request } = parts;
    this.#cause = `import ${request.fileName} by ${request.startedBy}`;
    this.job = {
      id: request.id,
      format: request.format,
      fileName: request.fileName,
      instance: request.instance,
      allOrNothing: request.allOrNothing,
      startedBy: request.startedBy,
      startedAtMs: request.startedAtMs,
      finishedAtMs: null,
      state: "reading",
      octetsRead: 0,
      octetsTotal: request.octetsTotal,
      rowsRead: 0,
      rowsTaken: 0,
      rowsPassedOver: 0,
      rowsRefused: 0,
      bindings: { 4: 0, 6: 0 },
      outcome: "",
      refusals: this.#refusals,
    };
  }

  get finished(): boolean {
    return this.job.finishedAtMs !== null;
  }

  /** Aborted when the file need not be read on. */
  get signal(): AbortSignal {
    return this.#cancel.signal;
  }

  /** The sentence why not, or null: it will end soon. */
  cancel(by: string): string | null {
    if (this.finished) return "The import has ended already.";
    if (this.job.allOrNothing && this.#taking) {
      return "All rows are good and are being taken in: it is too late to have nothing of them.";
    }
    this.#cancelledBy = by;
    this.#abort();
    return null;
  }

  /** The program stops. What waits on disk to be taken in goes on at the next start. */
  leave(): void {
    this.#leaving = true;
    this.#abort();
  }

  #abort(): void {
    this.#cancel.abort();
    // It may wait for a database that does not answer.
    void this.#parts.engine.importEnd(this.job.id).catch(() => {});
  }

  /** Whether it stays to be finished at the next start. */
  get unfinished(): boolean {
    return this.job.allOrNothing && this.#taking && this.job.state !== "done";
  }

  /** Reads the file. Resolves when the import has ended, in whatever state. */
  async run(file: AsyncIterable<Uint8Array>): Promise<void> {
    const { spool } = this.#parts;
    await this.#toItsEnd(async () => {
      if (spool === null) {
        await this.#take(file);
        return;
      }
      await this.#examine(file, spool);
      await spool.accept(this.#parts.request);
      await this.#takeFromDisk(spool);
    });
  }

  /** After a restart: the file is on disk, and all of it is good. */
  async resume(spool: Spool): Promise<void> {
    await this.#toItsEnd(() => this.#takeFromDisk(spool));
  }

  async #toItsEnd(work: () => Promise<void>): Promise<void> {
    const { job } = this;
    try {
      await work();
      job.state = "done";
      job.outcome = this.#summary();
    } catch (error) {
      await this.#inFlight?.catch(() => {});
      if (error instanceof Stop) {
        job.state = error.state;
        job.outcome = error.message;
      } else {
        job.state = "failed";
        job.outcome = `${failure(error)} ${this.#whatStays()}`;
      }
    } finally {
      await this.#parts.engine.importEnd(job.id).catch(() => {});
      await this.#parts.refused.close();
      if (!this.unfinished) await this.#parts.spool?.remove();
      job.finishedAtMs = this.#parts.now();
    }
  }

  /** Reads every row and keeps the file; throws when one is refused. */
  async #examine(file: AsyncIterable<Uint8Array>, spool: Spool): Promise<void> {
    await this.#begin();
    await this.#read(file, (octets) => spool.write(octets));
    const { job } = this;
    if (job.rowsRefused > 0) {
      const first = this.#refusals[0]!;
      const rows = job.rowsRefused === 1 ? "1 row is refused" : `${count(job.rowsRefused)} rows are refused`;
      throw new Stop("refused", `Nothing was taken: ${rows}, the first in line ${first.line}: ${first.message}.`);
    }
  }

  async #takeFromDisk(spool: Spool): Promise<void> {
    const { job } = this;
    this.#taking = true;
    job.state = "storing";
    job.rowsRead = 0;
    await this.#take(spool.read());
  }

  async #take(file: AsyncIterable<Uint8Array>): Promise<void> {
    this.#taking = true;
    await this.#begin();
    await this.#read(file, async () => {});
    await this.#send();
    await this.#settle();
    this.job.state = "storing";
    if (await this.#parts.engine.importStored(this.job.id)) return;
    this.#checkCancelled();
    throw new Error("The engines stopped.");
  }

  async #begin(): Promise<void> {
    const { engine, request } = this.#parts;
    await engine.importEnd(request.id);
    const begun = await engine.importBegin(request.id);
    if (!begun.ok) throw new Stop("failed", `${begun.refusal.message} Nothing was taken.`);
    if (this.#taking) return;
    for (const family of [4, 6] as const) this.#rowsToTake[family] = begun.value.bindingsMax[family];
  }

  async #read(file: AsyncIterable<Uint8Array>, keep: (octets: Uint8Array) => Promise<void>): Promise<void> {
    const { request, refused } = this.#parts;
    const { job } = this;
    const parser = createLeaseFileParser(request.format, {
      instance: request.instance,
      nowSeconds: request.nowSeconds,
    });
    const sink: LeaseFileSink = {
      record: (record) => this.#record(record),
      refusal: (refusal) => this.#refuse(refusal),
    };
    const first = job.state === "reading";
    for await (const chunk of file) {
      for (let at = 0; at < chunk.length; at += importLimits.pieceOctetsMax) {
        this.#checkCancelled();
        const piece = chunk.subarray(at, at + importLimits.pieceOctetsMax);
        parser.feed(piece, sink);
        if (first) {
          job.octetsRead += piece.length;
          if (job.octetsRead > importLimits.fileOctetsMax) {
            throw new Stop(
              "failed",
              `The file is larger than ${importLimits.fileOctetsMax} octets. ${this.#whatStays()}`,
            );
          }
        }
        this.#checkFormat(parser);
        if (this.#batch.count >= importLimits.rowsPerBatch) await this.#send();
        await keep(piece);
        await refused.flush();
      }
    }
    this.#checkCancelled();
    parser.end(sink);
    this.#checkFormat(parser);
    await refused.flush();
  }

  #checkCancelled(): void {
    if (!this.#cancel.signal.aborted) return;
    if (this.#leaving) throw new Stop("cancelled", `Leasewire was stopped. ${this.#whatStays()}`);
    throw new Stop("cancelled", `Cancelled by ${this.#cancelledBy}. ${this.#whatStays()}`);
  }

  #checkFormat(parser: LeaseFileParser): void {
    const wrong = parser.wrongFormat;
    if (wrong === undefined) return;
    this.#note({ line: wrong.line, message: `${wrong.what}: ${wrong.remedy}`, text: wrong.text });
    throw new Stop("refused", `Nothing was taken: line ${wrong.line}: ${wrong.what}: ${wrong.remedy}.`);
  }

  #record({ line, family, binding, onlyEnds }: LeaseRecord): void {
    this.job.rowsRead += 1;
    if (!this.#taking) {
      if (onlyEnds) return;
      this.#rowsToTake[family] -= 1;
      if (this.#rowsToTake[family] >= 0) return;
      throw new Stop(
        "refused",
        "Nothing was taken: the file has more rows than the table has room for bindings. Import it without all or nothing, or in parts.",
      );
    }
    this.#batch.add({
      family,
      sequence: line,
      atSeconds: 0,
      kind: onlyEnds ? "remove" : "put",
      cause: this.#cause,
      binding,
    });
  }

  #refuse({ line, column, what, remedy, text }: LeaseRefusal): void {
    this.job.rowsRead += 1;
    this.#note({ line, message: `${column === undefined ? "" : `column ${column}: `}${what}: ${remedy}`, text });
  }

  #note(refusal: ImportRefusal): void {
    this.job.rowsRefused += 1;
    if (this.#refusals.length < importRefusalsKeptMax) this.#refusals.push(refusal);
    this.#parts.refused.add(refusal);
  }

  /** Sends what has been read; the one before must have arrived, so that reading goes on meanwhile and no further. */
  async #send(): Promise<void> {
    await this.#settle();
    if (this.#batch.count === 0) return;
    this.#inFlight = this.#parts.engine.importBatch(this.job.id, this.#batch.take() satisfies ChangeBatch);
    // Looked at by the next call; until then it must not count as unheeded.
    this.#inFlight.catch(() => {});
  }

  async #settle(): Promise<void> {
    const inFlight = this.#inFlight;
    if (inFlight === null) return;
    const answer = await inFlight;
    this.#inFlight = null;
    if (!answer.ok) {
      this.#checkCancelled();
      throw new Error(answer.refusal.message);
    }
    const { taken, unchanged, passedOver, outsidePools, refused } = answer.value;
    const { job } = this;
    job.rowsTaken += taken[4] + taken[6];
    job.bindings = { 4: job.bindings[4] + taken[4], 6: job.bindings[6] + taken[6] };
    job.rowsPassedOver += passedOver;
    this.#unchanged += unchanged;
    this.#outsidePools += outsidePools;
    for (const { line, message } of refused) this.#note({ line, message, text: "" });
  }

  #summary(): string {
    const { rowsRead, rowsTaken, rowsPassedOver, rowsRefused } = this.job;
    const parts = [
      `${count(rowsTaken)} taken${this.#unchanged === 0 ? "" : ` (${count(this.#unchanged)} were so already)`}`,
      `${count(rowsPassedOver)} passed over`,
      `${count(rowsRefused)} refused`,
    ];
    const outside =
      this.#outsidePools === 0
        ? ""
        : ` ${count(this.#outsidePools)} of them are in no pool of this instance: they are told, and not given out again.`;
    return `${count(rowsRead)} rows read: ${parts.join(", ")}.${outside}`;
  }

  #whatStays(): string {
    if (this.job.allOrNothing) {
      return this.#taking ? "What is left is taken in after the next start." : "Nothing was taken.";
    }
    return `${count(this.job.rowsTaken)} rows were taken until then and stay.`;
  }
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}

function failure(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === "ENOSPC") return "There is no room in the data directory for the file.";
  const message = error instanceof Error ? error.message : String(error);
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
