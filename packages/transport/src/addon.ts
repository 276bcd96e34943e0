import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

/** What native/datagrams.c exports. Numbers below 0 are system errors. */
export interface Addon {
  readonly layout: AddonLayout;
  open(
    family: 4 | 6,
    address: Uint8Array,
    port: number,
    device: string,
    bufferOctets: number,
    callback: (event: number, value: number) => void,
  ):
    | number
    | { readonly self: AddonSocket; readonly port: number; readonly block: ArrayBuffer; readonly packets: number };
  flush(self: AddonSocket): number;
  close(self: AddonSocket): number;
  member(self: AddonSocket, interfaceIndex: number, group: Uint8Array, join: 0 | 1): number;
  interfaceOf(self: AddonSocket, nameOrIndex: string | number): number | InterfaceFacts;
  probe(self: AddonSocket, interfaceIndex: number, address: number): number;
  lost(self: AddonSocket): number;
  /** Descriptor of a TCP socket bound to address, port and device. */
  stream(family: 4 | 6, address: Uint8Array, port: number, device: string): number;
}

/** Opaque. */
export type AddonSocket = object & { readonly __brand: "AddonSocket" };

export interface InterfaceFacts {
  readonly index: number;
  readonly name: string;
  /** IFF_ bits. */
  readonly flags: number;
  /** ARPHRD_ number; 1 is Ethernet. */
  readonly hardwareType: number;
  /** First IPv4 address as a number; 0: none. */
  readonly address: number;
}

/** Offsets into the block that both sides see, and sizes. */
export interface AddonLayout {
  readonly batch: number;
  readonly sendsMax: number;
  readonly sendBytesMax: number;
  readonly records: number;
  readonly sendRecords: number;
  readonly sendBytes: number;
  readonly control: number;
  readonly controlWords: number;
  readonly counters: number;
  readonly countersLength: number;
  readonly failures: number;
  readonly failuresMax: number;
  readonly answers: number;
  readonly answersMax: number;
  readonly bytes: number;
}

/** Where scripts/prepare.mjs puts it. */
export const addonFile = path.join(import.meta.dirname, "..", "native", "build", "datagrams.node");

let loaded: Addon | null | undefined;
let absence = "";

/** The addon, or null where it is not built or does not load. */
export function addon(): Addon | null {
  if (loaded !== undefined) return loaded;
  loaded = null;
  if (process.platform !== "linux") {
    absence = "batched sockets exist for Linux only";
  } else if (!existsSync(addonFile)) {
    absence =
      'batched sockets are not built: install a C compiler (Debian: "apt-get install gcc libc6-dev") and start again with "npm start"';
  } else {
    try {
      loaded = createRequire(import.meta.url)(addonFile) as Addon;
    } catch (error) {
      absence = `batched sockets do not load: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  return loaded;
}

/** Why `addon` is null, as a clause. */
export function addonAbsence(): string {
  return addon() === null ? absence : "";
}
