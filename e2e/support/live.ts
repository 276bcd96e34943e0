import type { ClientEvents, ServerEvents, Watch } from "@leasewire/api";
import { io, type Socket } from "socket.io-client";
import type { Backend } from "./backend.ts";

/** The live connection of a page, with the administrator's token; `ready` resolves when it is told of the rooms. */
export function liveConnection(
  backend: Pick<Backend, "url" | "token">,
  rooms: readonly Watch[],
): { readonly socket: Socket<ServerEvents, ClientEvents>; readonly ready: Promise<void> } {
  const socket: Socket<ServerEvents, ClientEvents> = io(backend.url, {
    transports: ["websocket"],
    extraHeaders: { "x-api-key": backend.token },
    reconnection: false,
  });
  const ready = new Promise<void>((resolve, reject) => {
    socket.on("connect_error", reject);
    socket.on("connect", () => socket.emit("watch", rooms, resolve));
  });
  return { socket, ready };
}
