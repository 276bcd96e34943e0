export { addressText } from "./address-words.ts";
export {
  arrivalWord,
  arrivalWords,
  type DatagramArrival,
  type DatagramBatch,
  type DatagramEndpoint,
  type DatagramHandlers,
  type DatagramImplementation,
  type DatagramSource,
  type DatagramStatistics,
  datagramLimits,
  type ServerDatagrams,
} from "./datagrams.ts";
export { explainBindFailure, explainSendFailure, type TransportError } from "./errors.ts";
export { openServerDatagrams } from "./server-datagrams.ts";
export * from "./tcp/index.ts";
export { type LinkHandlers, type LinkTransport, openUdp, type UdpEndpoint } from "./udp.ts";
