import type { Family } from "@leasewire/api";
import { MessageType4, MessageType6, OptionCode4 } from "@leasewire/wire";

/** Whether a message from a server answers a leasequery: it is for the requestor, which shares the socket with the relay agent. */
export function isLeasequeryReply(family: Family, bytes: Uint8Array): boolean {
  if (family === 6) return bytes[0] === MessageType6["LEASEQUERY-REPLY"];
  const type = messageType4(bytes);
  return (
    type === MessageType4.DHCPLEASEACTIVE ||
    type === MessageType4.DHCPLEASEUNASSIGNED ||
    type === MessageType4.DHCPLEASEUNKNOWN
  );
}

const optionsOffset = 240;

/** Option 53 without reading the message; 0: there is none. */
function messageType4(bytes: Uint8Array): number {
  for (let at = optionsOffset; at + 2 < bytes.length; ) {
    const code = bytes[at]!;
    if (code === OptionCode4.end) return 0;
    if (code === OptionCode4.pad) {
      at += 1;
      continue;
    }
    if (code === OptionCode4.messageType) return bytes[at + 2]!;
    at += 2 + bytes[at + 1]!;
  }
  return 0;
}
