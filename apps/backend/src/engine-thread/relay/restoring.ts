import type { Family } from "@leasewire/api";
import type { BindingInput } from "@leasewire/bindings";
import type { InstanceName } from "@leasewire/net";

/** A lease that a server told and that cannot be put into the table yet. */
export interface WaitingBinding {
  readonly family: Family;
  readonly binding: Pick<BindingInput, "instance" | "address" | "prefixLength">;
}

export type TellRestoring = (
  family: Family,
  instance: InstanceName,
  address: Uint8Array,
  prefixLength: number,
  done: boolean,
) => void;

/** Tells the relay agents which bindings are being restored, and when that is over: their clients' packets wait meanwhile. */
export class Restoring {
  readonly #tell: TellRestoring;
  #known = new Map<string, WaitingBinding>();

  constructor(tell: TellRestoring) {
    this.#tell = tell;
  }

  follow(waiting: readonly WaitingBinding[]): void {
    if (waiting.length === 0 && this.#known.size === 0) return;
    const now = new Map(waiting.map((one) => [keyOf(one), one]));
    for (const [key, one] of now) if (!this.#known.has(key)) this.#say(one, false);
    for (const [key, one] of this.#known) if (!now.has(key)) this.#say(one, true);
    this.#known = now;
  }

  #say({ family, binding: { instance, address, prefixLength } }: WaitingBinding, done: boolean): void {
    this.#tell(family, instance, address, prefixLength, done);
  }
}

function keyOf({ family, binding: { instance, address, prefixLength } }: WaitingBinding): string {
  return `${family}|${instance}|${address.join(".")}|${prefixLength}`;
}
