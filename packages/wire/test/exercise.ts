import {
  type DescribedField,
  decodeMessage4,
  decodeMessage6,
  decodeOption6,
  describeMessage4,
  describeMessage6,
  type KnownOptionCode4,
  type KnownOptionCode6,
  type Message4,
  type Message6,
  type OptionArea6,
  optionDefinition4,
  optionDefinition6,
  type RelayMessage6,
  readActiveLeasequery4,
  readActiveLeasequery6,
  readBulkLeasequery4,
  readLeasequery4,
  readLeasequery6,
  readLeasequeryDone4,
  readLeasequeryStatus4,
  readLeaseReply4,
  readLeaseReply6,
  readOption4,
  readQuery6,
  readTls4,
  readTls6,
  relayAgentSubOptions,
  relayChain6,
  type WireError,
} from "../src/index.ts";

type Outcome = { readonly ok: true } | { readonly ok: false; readonly error: WireError };

/**
 * Does everything that can be done with octets from the network: decodes, walks every option, reads every value, reads it as every
 * kind of leasequery message. Gives the code of the error, or `message`. Throws only where the code under test does.
 */
export function exercise(family: 4 | 6, bytes: Uint8Array): string {
  if (family === 4) {
    const decoded = decodeMessage4(bytes);
    if (!decoded.ok) return checked(decoded, bytes.length);
    exercise4(decoded.value);
    return "message";
  }
  const decoded = decodeMessage6(bytes);
  if (!decoded.ok) return checked(decoded, bytes.length);
  exercise6(decoded.value);
  return "message";
}

export function describeAll(family: 4 | 6, bytes: Uint8Array): readonly DescribedField[] {
  return family === 4 ? describeMessage4(bytes) : describeMessage6(bytes);
}

function exercise4(message: Message4): void {
  const { length } = message.bytes;
  for (const { code, data } of message.options()) {
    if (data.byteOffset + data.length > message.bytes.byteOffset + length)
      throw new Error("an option reaches out of its message");
    if (optionDefinition4(code) !== undefined) checked(readOption4(message, code as KnownOptionCode4), length);
    if (code === 82)
      for (const part of relayAgentSubOptions(data))
        if (part.offset > data.length) throw new Error("a sub-option reaches out");
  }
  const readers = [
    readLeasequery4,
    readLeaseReply4,
    readBulkLeasequery4,
    readLeasequeryDone4,
    readActiveLeasequery4,
    readLeasequeryStatus4,
    readTls4,
  ];
  for (const read of readers) checked(read(message), length);
}

function exercise6(message: Message6 | RelayMessage6): void {
  const { length } = message.bytes;
  exerciseOptions6(message);
  const chain = relayChain6(message);
  checked(chain, length);
  if (chain.ok && chain.value.message !== undefined && message.kind === "relay") exerciseOptions6(chain.value.message);
  if (message.kind === "relay") return;
  for (const read of [readLeasequery6, readLeaseReply6, readActiveLeasequery6, readTls6])
    checked(read(message), length);
  const query = readLeasequery6(message);
  if (query.ok) readQuery6({ queryType: query.value.queryType, options: query.value.queryOptions });
}

function exerciseOptions6(area: OptionArea6): void {
  for (const { code, data } of area.options()) {
    if (optionDefinition6(code) !== undefined) checked(decodeOption6(code as KnownOptionCode6, data), data.length);
  }
}

function checked(outcome: Outcome, length: number): string {
  if (outcome.ok) return "message";
  const { code, offset, message } = outcome.error;
  if (offset < 0 || offset > length || message === "") throw new Error(`${code} at ${offset} of ${length}: ${message}`);
  return code;
}
