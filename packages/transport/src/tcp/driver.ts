import type { LeasequeryConnections } from "@leasewire/engines";
import type { ServedSocket } from "./served-socket.ts";

/** How long served connections may keep the event loop in one turn: datagrams wait that long at most. */
const turnMsMax = 2;

/**
 * Lets the connections of one engine send in turn, a buffer each, and yields to the event loop between turns; keeps the
 * engine's one timer. Shared by all listeners of that engine.
 */
export class Driver {
  readonly engine: LeasequeryConnections;
  readonly #sockets = new Set<ServedSocket>();
  readonly #queue = new Set<ServedSocket>();
  #immediate: NodeJS.Immediate | undefined;
  #allDue = false;
  #timer: NodeJS.Timeout | undefined;
  #timerDue = Number.POSITIVE_INFINITY;
  #listeners = 0;
  #unsubscribe: (() => void) | undefined;

  constructor(engine: LeasequeryConnections) {
    this.engine = engine;
  }

  /** One more listener uses the engine. */
  retain(): void {
    this.#listeners += 1;
    this.#unsubscribe ??= this.engine.onReady(() => {
      this.#allDue = true;
      this.#schedule();
    });
  }

  release(): void {
    this.#listeners -= 1;
    if (this.#listeners > 0 || this.#sockets.size > 0) return;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    clearTimeout(this.#timer);
    this.#timerDue = Number.POSITIVE_INFINITY;
  }

  add(socket: ServedSocket): void {
    this.#sockets.add(socket);
    this.keepTime();
  }

  remove(socket: ServedSocket): void {
    this.#sockets.delete(socket);
    this.#queue.delete(socket);
    if (this.#listeners === 0) {
      this.#listeners = 1;
      this.release();
    }
  }

  /** The socket gets its turn, soon and once. */
  due(socket: ServedSocket): void {
    this.#queue.add(socket);
    this.#schedule();
  }

  /** The engine's next deadline may have come nearer. */
  keepTime(): void {
    const due = this.engine.nextDeadlineMs();
    if (due === null || due >= this.#timerDue) return;
    clearTimeout(this.#timer);
    this.#timerDue = due;
    this.#timer = setTimeout(() => this.#tick(), Math.max(1, Math.min(due - Date.now(), 2 ** 31 - 1)));
    this.#timer.unref();
  }

  #tick(): void {
    this.#timerDue = Number.POSITIVE_INFINITY;
    this.engine.tick(Date.now());
    // Whatever ended without being told to is closed by its socket.
    for (const socket of this.#sockets) this.#queue.add(socket);
    this.#schedule();
    this.keepTime();
  }

  #schedule(): void {
    this.#immediate ??= setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#immediate = undefined;
    if (this.#allDue) {
      this.#allDue = false;
      for (const socket of this.#sockets) this.#queue.add(socket);
    }
    const until = performance.now() + turnMsMax;
    // Sockets that want to go on are put behind the others, for the next turn.
    const now = [...this.#queue];
    this.#queue.clear();
    let i = 0;
    for (; i < now.length && (i === 0 || performance.now() < until); i += 1) now[i]!.pump();
    if (i < now.length) {
      const later = [...this.#queue];
      this.#queue.clear();
      for (; i < now.length; i += 1) this.#queue.add(now[i]!);
      for (const socket of later) this.#queue.add(socket);
    }
    if (this.#queue.size > 0) this.#schedule();
    this.keepTime();
  }
}

const drivers = new WeakMap<LeasequeryConnections, Driver>();

export function driverOf(engine: LeasequeryConnections): Driver {
  let driver = drivers.get(engine);
  if (driver === undefined) {
    driver = new Driver(engine);
    drivers.set(engine, driver);
  }
  return driver;
}
