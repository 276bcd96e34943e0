import type { Server as HttpServer, IncomingHttpHeaders } from "node:http";
import type {
  BindingsChanged,
  BulkRun,
  ClientEvents,
  Family,
  LeasequeryRun,
  ServerEvents,
  StreamView,
  Watch,
} from "@leasewire/api";
import { Server, type Socket } from "socket.io";
import type { Authenticate, Caller } from "../auth/caller.ts";
import { isSameOrigin } from "../http/request.ts";
import type { Log } from "../log.ts";
import { type WatchedView, watchedViews } from "../services/watched.ts";

/** Sockets over all browsers. */
export const socketsMax = 1000;
/** What may wait for one browser. Beyond it binding changes are left out, and one notice says so when it has caught up. */
export const socketBufferedBytesMax = 1024 * 1024;
/** Sessions are looked at again this often: one may end without passing through this process. */
export const recheckPeriodMs = 60_000;
const messageBytesMax = 16 * 1024;

const rooms: readonly Watch[] = [
  "bindings4",
  "bindings6",
  "runs",
  "recovery",
  "streams",
  "configuration",
  ...watchedViews,
];

interface SocketData {
  caller: Caller;
  headers: IncomingHttpHeaders;
  /** Newest sequence of each family that was left out. */
  missed: Map<Family, number>;
}

type LiveServer = Server<ClientEvents, ServerEvents, Record<string, never>, SocketData>;
type LiveSocket = Socket<ClientEvents, ServerEvents, Record<string, never>, SocketData>;

export interface RealtimeParts {
  readonly authenticate: Authenticate;
  readonly publicUrl: URL | null;
  readonly log: Log;
  readonly alarmCount: () => number;
}

export type Realtime = ReturnType<typeof createRealtime>;

/** The live side of the API: what changes is sent to the browsers that show it. */
export function createRealtime(parts: RealtimeParts) {
  const io: LiveServer = new Server({
    path: "/socket.io",
    serveClient: false,
    destroyUpgrade: false,
    maxHttpBufferSize: messageBytesMax,
    allowRequest: (request, decide) => {
      // Browsers send Origin with a WebSocket; other programs do not, and carry a token instead of a cookie.
      const foreign = request.headers.origin !== undefined && !isSameOrigin(request, parts.publicUrl);
      if (foreign) return decide("This connection came from a page of another site.", false);
      if (io.engine.clientsCount >= socketsMax) return decide("There are too many live connections.", false);
      decide(null, true);
    },
  });

  io.use((socket, next) => {
    const headers = handshakeHeaders(socket);
    parts.authenticate(headers).then(
      (who) => {
        if (who.kind !== "caller") return next(new Error(who.kind === "refused" ? who.message : notSignedIn));
        socket.data = { caller: who.caller, headers, missed: new Map() };
        next();
      },
      (error: unknown) => {
        parts.log.error({ part: "realtime", err: error }, "a live connection could not be checked");
        next(new Error("The connection could not be checked; try again."));
      },
    );
  });

  io.on("connection", (socket) => {
    socket.on("watch", (wanted, done) => {
      if (!Array.isArray(wanted)) return;
      for (const room of rooms) if (wanted.includes(room)) socket.join(room);
      if (typeof done === "function") done();
    });
    socket.on("unwatch", (unwanted) => {
      if (!Array.isArray(unwanted)) return;
      for (const room of rooms) if (unwanted.includes(room)) socket.leave(room);
    });
    // A browser that caught up is told even when nothing changes afterwards.
    socket.conn.on("drain", () => catchUp(socket));
    socket.emit("alarms", parts.alarmCount());
  });

  const timer = setInterval(() => void recheck(() => true), recheckPeriodMs);
  timer.unref();

  return {
    attach: (server: HttpServer) => void io.attach(server),
    bindings(batch: BindingsChanged): void {
      const room = bindingRoom(batch.family);
      setSlowApart(room, batch.family, batch.toSequence);
      io.to(room).except(slow(batch.family)).emit("bindings", batch);
    },
    bindingsOverflow(notice: { family: Family; toSequence: number }): void {
      io.to(bindingRoom(notice.family)).emit("bindingsOverflow", notice);
    },
    durable(mark: { family: Family; sequence: number }): void {
      io.to(bindingRoom(mark.family)).emit("durable", mark);
    },
    run: (run: LeasequeryRun): void => void io.to("runs").emit("run", run),
    recovery: (run: BulkRun): void => void io.to("recovery").emit("recovery", run),
    stream: (stream: StreamView): void => void io.to("streams").emit("stream", stream),
    configuration: (event: Parameters<ServerEvents["configuration"]>[0]): void =>
      void io.to("configuration").emit("configuration", event),
    /** Browsers that show the view. */
    watchers: (view: WatchedView): number => io.sockets.adapter.rooms.get(view)?.size ?? 0,
    /** A whole view. A browser that does not keep up misses it: the next one holds everything again. */
    view(view: WatchedView, value: unknown): void {
      for (const id of io.sockets.adapter.rooms.get(view) ?? []) {
        const socket = io.sockets.sockets.get(id);
        if (socket === undefined || bufferedBytes(socket) > socketBufferedBytesMax) continue;
        socket.emit(view, value as never);
      }
    },
    alarms: (count: number): void => void io.emit("alarms", count),
    /** Looks again at the connections of a user; those whose session, token or role is no longer the same are closed. */
    recheckUser: (userId: string): Promise<void> => recheck((caller) => caller.userId === userId),
    recheckAll: (): Promise<void> => recheck(() => true),
    connections: (): number => io.sockets.sockets.size,
    async close(): Promise<void> {
      clearInterval(timer);
      io.disconnectSockets(true);
      io.engine?.close();
    },
  };

  async function recheck(concerns: (caller: Caller) => boolean): Promise<void> {
    for (const socket of io.sockets.sockets.values()) {
      const { caller, headers } = socket.data;
      if (caller === undefined || !concerns(caller)) continue;
      const who = await parts.authenticate(headers).catch(() => null);
      // null: the database did not answer. That is no reason to cut people off.
      if (who === null) continue;
      if (who.kind === "caller" && who.caller.role === caller.role) continue;
      socket.disconnect(true);
    }
  }

  /** Sockets that do not keep up leave the broadcast; each change is still encoded once for all others. */
  function setSlowApart(room: Watch, family: Family, toSequence: number): void {
    for (const id of io.sockets.adapter.rooms.get(room) ?? []) {
      const socket = io.sockets.sockets.get(id);
      if (socket === undefined) continue;
      if (socket.data.missed.has(family)) {
        socket.data.missed.set(family, toSequence);
        catchUp(socket);
      } else if (bufferedBytes(socket) > socketBufferedBytesMax) {
        socket.data.missed.set(family, toSequence);
        socket.join(slow(family));
      }
    }
  }

  function catchUp(socket: LiveSocket): void {
    if (socket.data.missed.size === 0 || bufferedBytes(socket) > socketBufferedBytesMax / 2) return;
    for (const [family, toSequence] of socket.data.missed) {
      socket.leave(slow(family));
      socket.emit("bindingsOverflow", { family, toSequence });
    }
    socket.data.missed.clear();
  }
}

const notSignedIn = "Nobody is signed in, or the session has expired: sign in again.";

const bindingRoom = (family: Family): Watch => (family === 4 ? "bindings4" : "bindings6");
const slow = (family: Family) => `slow${family}`;

/** Browsers come with a cookie; the command line with a token in a header or in `auth: { token }`. */
function handshakeHeaders(socket: LiveSocket): IncomingHttpHeaders {
  const { cookie, authorization } = socket.handshake.headers;
  const inAuth: unknown = socket.handshake.auth.token;
  const key = typeof inAuth === "string" ? inAuth : socket.handshake.headers["x-api-key"];
  return { cookie, authorization, "x-api-key": key };
}

/** Bytes that wait in this process for the socket: engine.io's queue and the WebSocket's own. */
function bufferedBytes(socket: LiveSocket): number {
  const connection = socket.conn as unknown as {
    readonly writeBuffer?: readonly { readonly data?: unknown }[];
    readonly transport?: { readonly socket?: { readonly bufferedAmount?: number } };
  };
  let bytes = connection.transport?.socket?.bufferedAmount ?? 0;
  for (const { data } of connection.writeBuffer ?? []) {
    bytes += typeof data === "string" ? data.length : ArrayBuffer.isView(data) ? data.byteLength : 0;
  }
  return bytes;
}
