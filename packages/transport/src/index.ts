export { explainBindFailure, explainSendFailure, type TransportError } from "./errors.ts";
export { type LinkHandlers, type LinkTransport, openUdp, type UdpEndpoint } from "./udp.ts";
