import type { LeasequeryGuard } from "@leasewire/config";
import type { InstanceName } from "@leasewire/net";
import { instanceParts } from "@leasewire/net";
import { RESPONDER_LIMITS_DEFAULT } from "./limits.ts";

/** Who asks: the source address of the query, and whom. */
export interface Requestor {
  readonly family: 4 | 6;
  readonly instance: InstanceName;
  /** Canonical text. */
  readonly address: string;
}

export interface Quarantine {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly reason: string;
  /** Who put it there; null: the guard. */
  readonly by: string | null;
}

export interface RequestorView extends Requestor {
  readonly queriesPerSecond: number;
  /** Since it was first seen. */
  readonly queries: number;
  readonly dropped: number;
  readonly windowQueries: number;
  readonly windowUnknown: number;
  readonly firstQueryAtMs: number | null;
  readonly lastQueryAtMs: number | null;
  readonly quarantine: Quarantine | null;
}

/**
 * A requestor the guard knows, for who asks again and again: what is counted for it needs no look-up then. Once it
 * `isForgotten`, it has to be asked for anew.
 */
export interface KnownRequestor extends Requestor {
  readonly isForgotten: boolean;
}

interface Entry extends KnownRequestor {
  isForgotten: boolean;
  /** Neighbours in the order of last use. */
  older: Entry | undefined;
  newer: Entry | undefined;
  queries: number;
  dropped: number;
  firstQueryAtMs: number | null;
  lastQueryAtMs: number | null;
  /** The second that is being counted, and how many came in it and in the one before. */
  second: number;
  inSecond: number;
  before: number;
  windowSince: number;
  windowQueries: number;
  windowUnknown: number;
  quarantine: Quarantine | undefined;
}

/**
 * Keeps requestors that ask too much, or mostly for what there is not, from being answered for a while.
 *
 * A requestor is put into quarantine when it sends more than `queriesPerSecondMax` in one second, or when more than
 * `unknownRatioMaxPercent` of the last `unknownWindowSeconds`' answers were "unknown" (of at least `unknownQueriesMin`).
 * A person can do so too, and take it out again. The window is one of fixed stretches: the ratio is judged over the
 * stretch that runs.
 *
 * The same for queries over UDP, one by one, and over TCP.
 */
export class StormGuard {
  readonly #entries = new Map<string, Entry>();
  /** The one not heard of for longest, and the one heard of last. */
  #oldest: Entry | undefined;
  #latest: Entry | undefined;
  readonly #requestorsMax: number;
  #forgotten = 0;

  constructor(limits: { requestorsMax?: number } = {}) {
    this.#requestorsMax = limits.requestorsMax ?? RESPONDER_LIMITS_DEFAULT.requestorsMax;
  }

  /** Requestors that had to make room for others. */
  get forgotten(): number {
    return this.#forgotten;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Counts a query. A reason means: do not answer. */
  admit(
    family: 4 | 6,
    instance: InstanceName,
    address: string,
    guard: LeasequeryGuard | undefined,
    now: number,
  ): "requestor-quarantined" | undefined {
    return this.admitKnown(this.requestor(family, instance, address), guard, now);
  }

  /** The requestor of that address, as one heard of now. */
  requestor(family: 4 | 6, instance: InstanceName, address: string): KnownRequestor {
    return this.#entry(family, instance, address);
  }

  /** As `admit`. */
  admitKnown(
    requestor: KnownRequestor,
    guard: LeasequeryGuard | undefined,
    now: number,
  ): "requestor-quarantined" | undefined {
    const entry = requestor as Entry;
    this.#touch(entry);
    const second = Math.floor(now / 1000);
    if (entry.second !== second) {
      entry.before = second === entry.second + 1 ? entry.inSecond : 0;
      entry.second = second;
      entry.inSecond = 0;
    }
    entry.inSecond += 1;
    entry.queries += 1;
    entry.firstQueryAtMs ??= now;
    entry.lastQueryAtMs = now;
    if (this.#isQuarantined(entry, now)) {
      entry.dropped += 1;
      return "requestor-quarantined";
    }
    if (guard !== undefined && entry.inSecond > guard.queriesPerSecondMax) {
      this.#put(entry, guard, now, `more than ${guard.queriesPerSecondMax} queries in one second`);
      entry.dropped += 1;
      return "requestor-quarantined";
    }
    return undefined;
  }

  /** Whether a connection is taken at all. */
  isQuarantined(family: 4 | 6, instance: InstanceName, address: string, now: number): boolean {
    const entry = this.#entries.get(keyOf(family, instance, address));
    return entry !== undefined && this.#isQuarantined(entry, now);
  }

  /** What became of an admitted query: `unknown` if nothing was found. */
  answered(
    family: 4 | 6,
    instance: InstanceName,
    address: string,
    unknown: boolean,
    guard: LeasequeryGuard | undefined,
    now: number,
  ): void {
    if (guard === undefined) return;
    this.answeredKnown(this.#entry(family, instance, address), unknown, guard, now);
  }

  /** As `answered`. */
  answeredKnown(requestor: KnownRequestor, unknown: boolean, guard: LeasequeryGuard | undefined, now: number): void {
    if (guard === undefined) return;
    const entry = requestor as Entry;
    if (now - entry.windowSince >= guard.unknownWindowSeconds * 1000 || now < entry.windowSince) {
      entry.windowSince = now;
      entry.windowQueries = 0;
      entry.windowUnknown = 0;
    }
    entry.windowQueries += 1;
    if (!unknown) return;
    entry.windowUnknown += 1;
    if (entry.windowQueries < guard.unknownQueriesMin || this.#isQuarantined(entry, now)) return;
    const percent = (entry.windowUnknown * 100) / entry.windowQueries;
    if (percent <= guard.unknownRatioMaxPercent) return;
    this.#put(
      entry,
      guard,
      now,
      `${entry.windowUnknown} of ${entry.windowQueries} queries within ${guard.unknownWindowSeconds} seconds asked for what is not there`,
    );
  }

  /** By a person. `untilMs` may extend or shorten what there is. */
  quarantine(requestor: Requestor, quarantine: Quarantine): void {
    const entry = this.#entry(requestor.family, requestor.instance, requestor.address);
    entry.quarantine = quarantine;
  }

  /** Takes a requestor out of quarantine and begins to count anew; false if it was not in one. */
  release({ family, instance, address }: Requestor, now: number): boolean {
    const entry = this.#entries.get(keyOf(family, instance, address));
    if (entry === undefined || !this.#isQuarantined(entry, now)) return false;
    entry.quarantine = undefined;
    entry.inSecond = 0;
    entry.windowSince = now;
    entry.windowQueries = 0;
    entry.windowUnknown = 0;
    return true;
  }

  /** Those in quarantine first, then by rate. */
  view(
    selector: { family?: 4 | 6 | undefined; logicalSystem?: string | undefined; routingInstance?: string | undefined },
    now: number,
  ): RequestorView[] {
    const second = Math.floor(now / 1000);
    return [...this.#entries.values()]
      .filter(({ family, instance }) => {
        if (selector.family !== undefined && selector.family !== family) return false;
        const parts = instanceParts(instance);
        return (
          (selector.logicalSystem === undefined || selector.logicalSystem === (parts.logicalSystem ?? "default")) &&
          (selector.routingInstance === undefined || selector.routingInstance === (parts.routingInstance ?? "default"))
        );
      })
      .map((entry) => ({
        family: entry.family,
        instance: entry.instance,
        address: entry.address,
        queriesPerSecond: Math.max(
          entry.second === second ? entry.before : entry.second === second - 1 ? entry.inSecond : 0,
          entry.second === second ? entry.inSecond : 0,
        ),
        queries: entry.queries,
        dropped: entry.dropped,
        windowQueries: entry.windowQueries,
        windowUnknown: entry.windowUnknown,
        firstQueryAtMs: entry.firstQueryAtMs,
        lastQueryAtMs: entry.lastQueryAtMs,
        quarantine: this.#isQuarantined(entry, now) ? entry.quarantine! : null,
      }))
      .sort(
        (a, b) =>
          Number(b.quarantine !== null) - Number(a.quarantine !== null) ||
          b.queriesPerSecond - a.queriesPerSecond ||
          (a.address < b.address ? -1 : 1),
      );
  }

  #entry(family: 4 | 6, instance: InstanceName, address: string): Entry {
    const key = keyOf(family, instance, address);
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#touch(known);
      return known;
    }
    if (this.#entries.size >= this.#requestorsMax) this.#makeRoom();
    const entry: Entry = {
      family,
      instance,
      address,
      isForgotten: false,
      older: undefined,
      newer: undefined,
      queries: 0,
      dropped: 0,
      firstQueryAtMs: null,
      lastQueryAtMs: null,
      second: 0,
      inSecond: 0,
      before: 0,
      windowSince: 0,
      windowQueries: 0,
      windowUnknown: 0,
      quarantine: undefined,
    };
    this.#entries.set(key, entry);
    this.#append(entry);
    return entry;
  }

  /** To the end of the order. */
  #touch(entry: Entry): void {
    if (this.#latest === entry || entry.isForgotten) return;
    this.#detach(entry);
    this.#append(entry);
  }

  #append(entry: Entry): void {
    entry.older = this.#latest;
    entry.newer = undefined;
    if (this.#latest === undefined) this.#oldest = entry;
    else this.#latest.newer = entry;
    this.#latest = entry;
  }

  #detach({ older, newer }: Entry): void {
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#latest = older;
    else newer.older = older;
  }

  /** The one not heard of for longest goes; one in quarantine stays as long as one that is not is near. */
  #makeRoom(): void {
    let leaving = this.#oldest;
    for (let looked = 1; looked < 64 && leaving?.quarantine !== undefined; looked += 1) leaving = leaving.newer;
    leaving ??= this.#oldest;
    if (leaving === undefined) return;
    this.#entries.delete(keyOf(leaving.family, leaving.instance, leaving.address));
    this.#detach(leaving);
    leaving.isForgotten = true;
    this.#forgotten += 1;
  }

  #isQuarantined(entry: Entry, now: number): boolean {
    const { quarantine } = entry;
    if (quarantine === undefined) return false;
    if (quarantine.untilMs > now) return true;
    entry.quarantine = undefined;
    entry.windowSince = now;
    entry.windowQueries = 0;
    entry.windowUnknown = 0;
    return false;
  }

  #put(entry: Entry, guard: LeasequeryGuard, now: number, reason: string): void {
    entry.quarantine = { sinceMs: now, untilMs: now + guard.quarantineSeconds * 1000, reason, by: null };
  }
}

function keyOf(family: 4 | 6, instance: InstanceName, address: string): string {
  return `${family}/${instance}/${address}`;
}
