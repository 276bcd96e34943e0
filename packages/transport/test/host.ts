// A host of the tests: a process in a network namespace of its own, told over IPC what to do with its sockets.
import { type DatagramEndpoint, openServerDatagrams, type ServerDatagrams } from "../src/index.ts";

/** One call of a method of `ServerDatagrams`, or `open`. Octets travel as arrays of numbers. */
export interface HostCall {
  readonly id: number;
  readonly socket: number;
  readonly method: "open" | "send" | "sendOnLink" | "probe" | "multicastInterfaces" | "statistics" | "close";
  readonly parameters: readonly unknown[];
}

export type HostTold =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly refused: string }
  | { readonly socket: number; readonly datagram: HostDatagram }
  | { readonly socket: number; readonly fault: string };

export interface HostDatagram {
  readonly address: string;
  readonly port: number;
  readonly octets: readonly number[];
  readonly interfaceName?: string;
  readonly localAddress?: string;
  readonly unicast?: boolean;
}

const sockets = new Map<number, ServerDatagrams>();
const tell = (told: HostTold) => process.send?.(told);

process.on("message", (call: HostCall) => {
  perform(call).then(
    (value) => tell({ id: call.id, value }),
    (error: unknown) => tell({ id: call.id, refused: error instanceof Error ? error.message : String(error) }),
  );
});

async function perform({ socket, method, parameters }: HostCall): Promise<unknown> {
  if (method === "open") {
    const opened = await openServerDatagrams(parameters[0] as DatagramEndpoint, {
      onDatagram: (address, port, bytes, arrival) =>
        tell({ socket, datagram: { address, port, octets: [...bytes], ...arrival } }),
      onSendFailed: (address, port, reason) => tell({ socket, fault: `${address} ${port}: ${reason}` }),
      onFault: (error) => tell({ socket, fault: error.message }),
    });
    if (!opened.ok) throw new Error(opened.error.message);
    sockets.set(socket, opened.value);
    return opened.value.port;
  }
  const datagrams = sockets.get(socket);
  if (datagrams === undefined) throw new Error(`no socket ${socket}`);
  const octets = (value: unknown) =>
    Array.isArray(value) && typeof value[0] === "number" ? Uint8Array.from(value as number[]) : value;
  const call = datagrams[method] as (...given: unknown[]) => unknown;
  return call.apply(datagrams, parameters.map(octets));
}
