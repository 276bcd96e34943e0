import {
  activeLeasequery4,
  activeLeasequery6,
  bulkLeasequery4,
  decodeMessage4,
  decodeMessage6,
  leasequery4,
  leasequery6,
  leasequeryDone4,
  leasequeryStatus4,
  leaseReply4,
  leaseReply6,
  type Message4,
  type Message6,
  MessageType4,
  MessageType6,
  readActiveLeasequery4,
  readActiveLeasequery6,
  readBulkLeasequery4,
  readLeasequery4,
  readLeasequery6,
  readLeasequeryDone4,
  readLeasequeryStatus4,
  readLeaseReply4,
  readLeaseReply6,
  readTls4,
  readTls6,
  tls4,
  tls6,
} from "../src/index.ts";
import { must } from "./vectors.ts";

/** Decodes a leasequery message into typed fields and builds it again from those alone. */
export function rebuild(family: 4 | 6, bytes: Uint8Array): Uint8Array {
  if (family === 4) return rebuild4(must(decodeMessage4(bytes)));
  const message = must(decodeMessage6(bytes));
  if (message.kind === "relay") throw new Error("not a leasequery message");
  return rebuild6(message);
}

function rebuild4(message: Message4): Uint8Array {
  switch (message.messageType) {
    case MessageType4.DHCPLEASEQUERY:
      return leasequery4(must(readLeasequery4(message)));
    case MessageType4.DHCPLEASEACTIVE:
    case MessageType4.DHCPLEASEUNASSIGNED:
    case MessageType4.DHCPLEASEUNKNOWN:
      return leaseReply4(must(readLeaseReply4(message)));
    case MessageType4.DHCPBULKLEASEQUERY:
      return bulkLeasequery4(must(readBulkLeasequery4(message)));
    case MessageType4.DHCPLEASEQUERYDONE:
      return leasequeryDone4(must(readLeasequeryDone4(message)));
    case MessageType4.DHCPACTIVELEASEQUERY:
      return activeLeasequery4(must(readActiveLeasequery4(message)));
    case MessageType4.DHCPLEASEQUERYSTATUS:
      return leasequeryStatus4(must(readLeasequeryStatus4(message)));
    case MessageType4.DHCPTLS:
      return tls4(must(readTls4(message)));
    default:
      throw new Error(`message type ${message.messageType}`);
  }
}

function rebuild6(message: Message6): Uint8Array {
  switch (message.messageType) {
    case MessageType6.LEASEQUERY:
      return leasequery6(must(readLeasequery6(message)));
    case MessageType6["LEASEQUERY-REPLY"]:
    case MessageType6["LEASEQUERY-DATA"]:
    case MessageType6["LEASEQUERY-DONE"]:
      return leaseReply6(must(readLeaseReply6(message)));
    case MessageType6.ACTIVELEASEQUERY:
      return activeLeasequery6(must(readActiveLeasequery6(message)));
    case MessageType6.STARTTLS:
    case MessageType6.REPLY:
      return tls6(must(readTls6(message)));
    default:
      throw new Error(`message type ${message.messageType}`);
  }
}
