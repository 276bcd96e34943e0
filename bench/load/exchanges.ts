import type { DatagramBatch, ServerDatagrams } from "@leasewire/transport";
import { arrivalWord, arrivalWords } from "@leasewire/transport";
import { type LatencyReport, Samples } from "./latency.ts";

/**
 * Exchanges of many clients with one server: each client goes through the steps of a scenario, a request and its answer
 * each, with at most so many exchanges under way or at a fixed rate. Clients are numbers from 0; all they remember lies in
 * typed arrays, so that a million of them cost the load client little and the server is what is measured.
 */
export interface Scenario {
  /** Names of the steps, in order. */
  readonly steps: readonly string[];
  /** Writes the request of a step, and answers its length. */
  write(client: number, step: number, into: Uint8Array): number;
  /** Which client a message is for; -1: none of ours (counted as strange). */
  clientOf(bytes: Uint8Array, offset: number, length: number): number;
  /**
   * Judges the answer to a step. `accepted`: the client goes on; `refused`: the exchange has failed, counted under the
   * name; `ignored`: not what it waits for, counted as strange.
   */
  judge(client: number, step: number, bytes: Uint8Array, offset: number, length: number): Verdict;
}

export type Verdict = "accepted" | "ignored" | { readonly refused: string };

export interface ExchangeOptions {
  readonly serverAddress: string;
  readonly serverPort: number;
  /** How many exchanges. */
  readonly count: number;
  /** Exchanges under way at once; with a rate the most that may pile up. */
  readonly outstanding: number;
  /** Exchanges begun a second; absent: as fast as answers come. */
  readonly rate?: number | undefined;
  /** Before a request is sent again. */
  readonly timeoutMs: number;
  /** How often a request is sent before the exchange has failed. */
  readonly tries: number;
  /** Exchanges at the beginning that are not measured. */
  readonly warmup: number;
}

export interface ExchangeReport {
  /** Exchanges that went well, warm-up included. */
  readonly completed: number;
  /** Failed, by what went wrong. */
  readonly failed: Readonly<Record<string, number>>;
  /** Requests sent again after a timeout. */
  readonly sentAgain: number;
  /** Messages nobody waited for: late, twice, or not ours. */
  readonly strange: number;
  /** Exchanges measured, and how long that took. */
  readonly measured: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** From the last sending of a request to its answer, by step, and of whole exchanges from their first sending. */
  readonly latencyMs: Readonly<Record<string, LatencyReport>>;
  /** Share of one core that this process used: near 1 it was the bottleneck. */
  readonly processorShare: number;
  /** With a rate: the longest delay of a start. */
  readonly lateMsMax: number;
  readonly socket: { readonly lost: number | null; readonly sendDropped: number; readonly sendFailed: number };
}

const idle = 255;
const finished = 254;
const tickMs = 1;

export class Exchanges {
  readonly #scenario: Scenario;
  readonly #options: ExchangeOptions;
  readonly #socket: ServerDatagrams;
  readonly #scratch = new Uint8Array(4096);
  /** Views of its beginning, by length: what is made for each request is collected, and the pause counted as the server's. */
  readonly #requests: (Uint8Array | undefined)[] = [];
  readonly #step: Uint8Array;
  readonly #tries: Uint8Array;
  readonly #sentMs: Float64Array;
  readonly #begunMs: Float64Array;
  readonly #samples: Samples[];
  readonly #whole: Samples;
  readonly #failed = new Map<string, number>();
  /** Requests in the order in which they were sent: timeouts are equal, so the first is due first. */
  readonly #queue = new SentQueue();
  #next = 0;
  #underWay = 0;
  #done = 0;
  #completed = 0;
  #sentAgain = 0;
  #strange = 0;
  #startMs = 0;
  #measureFromMs = 0;
  #usedBefore = process.cpuUsage();
  #lateMsMax = 0;
  #finish: () => void = () => {};

  constructor(scenario: Scenario, options: ExchangeOptions, socket: ServerDatagrams) {
    this.#scenario = scenario;
    this.#options = options;
    this.#socket = socket;
    this.#step = new Uint8Array(options.count).fill(idle);
    this.#tries = new Uint8Array(options.count);
    this.#sentMs = new Float64Array(options.count);
    this.#begunMs = new Float64Array(options.count);
    const measured = Math.max(0, options.count - options.warmup);
    this.#samples = scenario.steps.map(() => new Samples(measured));
    this.#whole = new Samples(measured);
  }

  async run(): Promise<ExchangeReport> {
    this.#startMs = performance.now();
    this.#measureFromMs = this.#startMs;
    const ended = new Promise<void>((resolve) => {
      this.#finish = resolve;
    });
    const timer = setInterval(() => this.#tick(), tickMs);
    this.#tick();
    await ended;
    clearInterval(timer);
    return this.#report();
  }

  /** Give this to the socket as `onBatch`. */
  readonly onBatch = ({ count, bytes, words }: DatagramBatch): void => {
    const nowMs = performance.now();
    for (let i = 0; i < count; i += 1) {
      const at = i * arrivalWords;
      this.#take(bytes, words[at + arrivalWord.offset]!, words[at + arrivalWord.length]!, nowMs);
    }
    if (this.#options.rate === undefined) this.#fill(nowMs);
  };

  #take(bytes: Uint8Array, offset: number, length: number, nowMs: number): void {
    const client = this.#scenario.clientOf(bytes, offset, length);
    const step = client < 0 || client >= this.#step.length ? idle : this.#step[client]!;
    if (step >= finished) {
      this.#strange += 1;
      return;
    }
    const verdict = this.#scenario.judge(client, step, bytes, offset, length);
    if (verdict === "ignored") {
      this.#strange += 1;
      return;
    }
    if (verdict !== "accepted") {
      this.#end(client, verdict.refused);
      return;
    }
    const measured = client >= this.#options.warmup;
    if (measured) this.#samples[step]!.add(nowMs - this.#sentMs[client]!);
    if (step + 1 < this.#scenario.steps.length) {
      this.#step[client] = step + 1;
      this.#tries[client] = 0;
      this.#send(client, nowMs);
      return;
    }
    if (measured) this.#whole.add(nowMs - this.#begunMs[client]!);
    this.#completed += 1;
    this.#end(client, null);
  }

  #end(client: number, refused: string | null): void {
    if (refused !== null) this.#failed.set(refused, (this.#failed.get(refused) ?? 0) + 1);
    this.#step[client] = finished;
    this.#underWay -= 1;
    this.#done += 1;
    if (this.#done === this.#options.warmup) {
      this.#measureFromMs = performance.now();
      this.#usedBefore = process.cpuUsage();
    }
    if (this.#done === this.#options.count) this.#finish();
  }

  #tick(): void {
    const nowMs = performance.now();
    this.#sendAgain(nowMs);
    this.#fill(nowMs);
  }

  /** Begins as many exchanges as the window or the rate allows. */
  #fill(nowMs: number): void {
    const { count, outstanding, rate } = this.#options;
    const due = rate === undefined ? count : Math.min(count, Math.floor(((nowMs - this.#startMs) * rate) / 1000) + 1);
    while (this.#next < due && this.#underWay < outstanding) {
      const client = this.#next;
      this.#next += 1;
      this.#underWay += 1;
      this.#step[client] = 0;
      this.#begunMs[client] = nowMs;
      if (rate !== undefined)
        this.#lateMsMax = Math.max(this.#lateMsMax, nowMs - this.#startMs - (client * 1000) / rate);
      this.#send(client, nowMs);
    }
  }

  #send(client: number, nowMs: number): void {
    const length = this.#scenario.write(client, this.#step[client]!, this.#scratch);
    this.#tries[client]! += 1;
    this.#sentMs[client] = nowMs;
    this.#queue.push(client, nowMs);
    let request = this.#requests[length];
    if (request === undefined) {
      request = this.#scratch.subarray(0, length);
      this.#requests[length] = request;
    }
    // Copied by the socket before this returns.
    this.#socket.send(this.#options.serverAddress, this.#options.serverPort, request);
  }

  #sendAgain(nowMs: number): void {
    const { timeoutMs, tries } = this.#options;
    const queue = this.#queue;
    while (queue.length > 0) {
      const sentMs = queue.firstMs;
      if (nowMs - sentMs < timeoutMs) break;
      const client = queue.firstClient;
      queue.shift();
      // Answered since, and perhaps waiting for the answer to a later request.
      if (this.#step[client]! >= finished || this.#sentMs[client] !== sentMs) continue;
      if (this.#tries[client]! < tries) {
        this.#sentAgain += 1;
        this.#send(client, nowMs);
      } else this.#end(client, `no answer to ${this.#scenario.steps[this.#step[client]!]}`);
    }
  }

  #report(): ExchangeReport {
    const seconds = (performance.now() - this.#measureFromMs) / 1000;
    const used = process.cpuUsage(this.#usedBefore);
    const measured = this.#options.count - this.#options.warmup;
    const { lost, sendDropped, sendFailed } = this.#socket.statistics();
    const latencyMs: Record<string, LatencyReport> = {};
    for (const [i, name] of this.#scenario.steps.entries()) latencyMs[name] = this.#samples[i]!.report();
    latencyMs.whole = this.#whole.report();
    return {
      completed: this.#completed,
      failed: Object.fromEntries(this.#failed),
      sentAgain: this.#sentAgain,
      strange: this.#strange,
      measured,
      seconds,
      perSecond: measured / seconds,
      latencyMs,
      processorShare: (used.user + used.system) / 1e6 / seconds,
      lateMsMax: this.#lateMsMax,
      socket: { lost, sendDropped, sendFailed },
    };
  }
}

/** Requests with the time of their sending, in typed arrays: no pause ever comes from it but when it grows. */
class SentQueue {
  #clients = new Uint32Array(queueLengthFirst);
  #times = new Float64Array(queueLengthFirst);
  #head = 0;
  length = 0;

  get firstClient(): number {
    return this.#clients[this.#head]!;
  }

  get firstMs(): number {
    return this.#times[this.#head]!;
  }

  push(client: number, sentMs: number): void {
    if (this.length === this.#clients.length) this.#grow();
    const at = (this.#head + this.length) % this.#clients.length;
    this.#clients[at] = client;
    this.#times[at] = sentMs;
    this.length += 1;
  }

  shift(): void {
    this.#head = (this.#head + 1) % this.#clients.length;
    this.length -= 1;
  }

  #grow(): void {
    const clients = new Uint32Array(this.#clients.length * 2);
    const times = new Float64Array(clients.length);
    for (let i = 0; i < this.length; i += 1) {
      const at = (this.#head + i) % this.#clients.length;
      clients[i] = this.#clients[at]!;
      times[i] = this.#times[at]!;
    }
    this.#clients = clients;
    this.#times = times;
    this.#head = 0;
  }
}

/** As many as a second holds at 200,000 requests/s. */
const queueLengthFirst = 1 << 18;
