import type { MessagePort, Transferable } from "node:worker_threads";

/** Methods one thread offers to another. Arguments and results must survive structured clone. */
// biome-ignore lint/suspicious/noExplicitAny: the signatures are the caller's.
type Methods = { [name: string]: (...args: any[]) => unknown };

/** What the other side sees of those methods: the same, each answering with a promise. */
export type Remote<M> = {
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  [K in keyof M]: M[K] extends (...args: any[]) => any
    ? (...args: Parameters<M[K]>) => Promise<Awaited<ReturnType<M[K]>>>
    : never;
};

type Wire =
  | { readonly kind: "call"; readonly id: number; readonly method: string; readonly args: unknown[] }
  | { readonly kind: "return"; readonly id: number; readonly value: unknown }
  | { readonly kind: "throw"; readonly id: number; readonly error: Error }
  | { readonly kind: "event"; readonly event: unknown };

interface Port {
  postMessage(value: unknown, transfer?: readonly Transferable[]): void;
  on(event: "message", listener: (value: Wire) => void): unknown;
  on(event: "close", listener: () => void): unknown;
}

/** The other side went away while a call was open: its worker ended or its port was closed. */
export class ThreadGone extends Error {
  override readonly name = "ThreadGone";
}

/**
 * Joins a port to the methods offered over it and to those of the other side. Both directions share one port; order of
 * messages is kept. `onEvent` receives what the other side passes to `emit`.
 */
export function connectThread<Theirs, TheirEvent = never, OurEvent = never>(
  port: MessagePort | Port,
  ours: object,
  onEvent: (event: TheirEvent) => void = () => {},
): {
  readonly remote: Remote<Theirs>;
  emit(event: OurEvent, transfer?: readonly Transferable[]): void;
  gone(reason: string): void;
} {
  const link = port as Port;
  const pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let nextId = 1;
  let closed: string | null = null;

  link.on("message", (message) => {
    if (message.kind === "event") return onEvent(message.event as TheirEvent);
    if (message.kind === "call") return void serve(message.id, message.method, message.args);
    const call = pending.get(message.id);
    if (call === undefined) return;
    pending.delete(message.id);
    if (message.kind === "return") call.resolve(message.value);
    else call.reject(message.error);
  });
  link.on("close", () => gone("the port was closed"));

  async function serve(id: number, method: string, args: unknown[]) {
    try {
      const implementation = (ours as Methods)[method];
      if (implementation === undefined) throw new Error(`no method ${method}`);
      link.postMessage({ kind: "return", id, value: await implementation.apply(ours, args) });
    } catch (error) {
      link.postMessage({ kind: "throw", id, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }

  function gone(reason: string) {
    closed = reason;
    for (const call of pending.values()) call.reject(new ThreadGone(reason));
    pending.clear();
  }

  const remote = new Proxy({} as Remote<Theirs>, {
    get: (_target, method) =>
      typeof method === "symbol" || method === "then"
        ? undefined
        : (...args: unknown[]) =>
            new Promise((resolve, reject) => {
              if (closed !== null) return reject(new ThreadGone(closed));
              const id = nextId++;
              pending.set(id, { resolve, reject });
              link.postMessage({ kind: "call", id, method, args });
            }),
  });
  return { remote, emit: (event, transfer) => link.postMessage({ kind: "event", event }, transfer), gone };
}
