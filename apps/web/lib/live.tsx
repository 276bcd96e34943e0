"use client";

import type { ClientEvents, ServerEvents, Watch } from "@leasewire/api";
import { createContext, type ReactNode, useContext, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { io, type Socket } from "socket.io-client";

export type LivePhase = "connecting" | "live" | "reconnecting";

/** State of the stream of live changes. `sinceMs`: when this phase began, milliseconds since 1970. */
export interface LiveStatus {
  readonly phase: LivePhase;
  readonly sinceMs: number;
  /** Rises with each connection: what is on the page may be older than the first change of a new one. */
  readonly connections: number;
}

type LiveSocket = Socket<ServerEvents, ClientEvents>;

/** One connection for the whole console, and which rooms the page on show wants. */
export interface LiveStream {
  readonly socket: LiveSocket;
  status(): LiveStatus;
  subscribe(listener: () => void): () => void;
  /** Joins a room until the returned function is called. `onJoined` runs after every (re)connection, once joined. */
  watch(room: Watch, onJoined?: () => void): () => void;
  /** Gives up waiting and connects now. */
  reconnect(): void;
  close(): void;
}

export function createLiveStream(nowMs: () => number = Date.now): LiveStream {
  const socket: LiveSocket = io({
    path: "/socket.io",
    transports: ["websocket", "polling"],
    reconnectionDelay: 500,
    reconnectionDelayMax: 5_000,
  });
  const listeners = new Set<() => void>();
  const watchers = new Map<Watch, Set<{ onJoined?: () => void }>>();
  let status: LiveStatus = { phase: "connecting", sinceMs: nowMs(), connections: 0 };

  const become = (phase: LivePhase) => {
    if (phase === status.phase) return;
    status = { phase, sinceMs: nowMs(), connections: status.connections + (phase === "live" ? 1 : 0) };
    for (const listener of listeners) listener();
  };
  const join = (rooms: readonly Watch[]) => {
    if (rooms.length === 0) return;
    socket.emit("watch", rooms, () => {
      for (const room of rooms) for (const watcher of watchers.get(room) ?? []) watcher.onJoined?.();
    });
  };

  socket.on("connect", () => {
    become("live");
    join([...watchers.keys()]);
  });
  socket.on("disconnect", (reason) => {
    become("reconnecting");
    // socket.io does not return by itself after the server closed the connection (a session that ended, a restart).
    if (reason === "io server disconnect") setTimeout(() => socket.connect(), 1_000);
  });
  socket.on("connect_error", () => {
    if (status.phase === "live") become("reconnecting");
    if (!socket.active) setTimeout(() => socket.connect(), 5_000);
  });

  return {
    socket,
    status: () => status,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    watch(room, onJoined) {
      const watcher = { onJoined };
      const present = watchers.get(room);
      if (present) present.add(watcher);
      else watchers.set(room, new Set([watcher]));
      if (socket.connected) {
        if (present) onJoined?.();
        else join([room]);
      }
      return () => {
        const left = watchers.get(room);
        left?.delete(watcher);
        if (left?.size === 0) {
          watchers.delete(room);
          if (socket.connected) socket.emit("unwatch", [room]);
        }
      };
    },
    reconnect() {
      if (!socket.connected) socket.connect();
    },
    close() {
      listeners.clear();
      socket.close();
    },
  };
}

const LiveContext = createContext<LiveStream | null>(null);
const idle: LiveStatus = { phase: "connecting", sinceMs: 0, connections: 0 };

/** Opens the stream while its children are on the page; only for signed-in people, since the handshake is checked. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const [stream, setStream] = useState<LiveStream | null>(null);
  useEffect(() => {
    const opened = createLiveStream();
    setStream(opened);
    return () => opened.close();
  }, []);
  return <LiveContext value={stream}>{children}</LiveContext>;
}

export function useLiveStream(): LiveStream | null {
  return useContext(LiveContext);
}

export function useLiveStatus(): LiveStatus {
  const stream = useContext(LiveContext);
  return useSyncExternalStore(
    (listener) => stream?.subscribe(listener) ?? (() => {}),
    () => stream?.status() ?? idle,
    () => idle,
  );
}

/**
 * Watches a room while the component is on the page. `onJoined` runs once the room is joined, again after every
 * reconnection: fetch then, since changes in between were missed.
 */
export function useWatch(room: Watch, onJoined?: () => void): void {
  const stream = useContext(LiveContext);
  const latest = useRef(onJoined);
  latest.current = onJoined;
  useEffect(() => stream?.watch(room, () => latest.current?.()), [stream, room]);
}

/** Calls the newest `handler` for each event of that name. */
export function useLiveEvent<Name extends keyof ServerEvents>(name: Name, handler: ServerEvents[Name]): void {
  const stream = useContext(LiveContext);
  const latest = useRef(handler);
  latest.current = handler;
  useEffect(() => {
    if (stream === null) return;
    const listener = (...args: unknown[]) => (latest.current as (...args: unknown[]) => void)(...args);
    // socket.io types listeners per event name; a generic name needs the widened view.
    const socket = stream.socket as unknown as {
      on(name: string, listener: (...args: unknown[]) => void): void;
      off(name: string, listener: (...args: unknown[]) => void): void;
    };
    socket.on(name, listener);
    return () => {
      socket.off(name, listener);
    };
  }, [stream, name]);
}
