import { BINDING_ORIGINS, type Binding, type BindingInput, type Family } from "./binding.ts";
import { bindingId } from "./binding-id.ts";
import type { Interner, TextPool } from "./interner.ts";
import { Field, RecordReader } from "./record.ts";
import { FLAG_PREFERRED, FLAG_PREFIX, originOfFlags, prefixLengthOfFlags, stateOfFlags } from "./row-layout.ts";

/** Everything of a row or of an entry of the change log, ids not resolved, record not decoded. Reused. */
export class RowImage {
  row = 0;
  flags = 0;
  readonly address = new Uint32Array(4);
  startTimeOfStateSeconds = 0;
  clientLastTransactionTimeSeconds = 0;
  expiresAtSeconds = 0;
  preferredUntilSeconds = 0;
  linkAddressId = 0;
  serverIdentifierId = 0;
  interfaceNameId = 0;
  instanceAndServer = 0;
  hardwareType = 0;
  changedAtSeconds = 0;
  sequence = 0;
  bytes: Uint8Array = new Uint8Array(0);
  offset = 0;
}

/** Resolves images into bindings that share nothing with the table. */
export class RowImageReader {
  readonly #family: Family;
  readonly #values: Interner;
  readonly #instances: TextPool;
  readonly #serverAddresses: TextPool;
  readonly #record = new RecordReader();
  readonly #decoder = new TextDecoder();

  constructor(family: Family, values: Interner, instances: TextPool, serverAddresses: TextPool) {
    this.#family = family;
    this.#values = values;
    this.#instances = instances;
    this.#serverAddresses = serverAddresses;
  }

  binding(image: RowImage): Binding {
    const { flags, bytes } = image;
    this.#record.read(bytes, image.offset);
    const { starts, lengths } = this.#record;
    const field = (number: number): Uint8Array | undefined =>
      lengths[number]! < 0 ? undefined : bytes.slice(starts[number]!, starts[number]! + lengths[number]!);
    const instance = this.#instances.text(image.instanceAndServer >>> 16) as BindingInput["instance"];
    const address = wordsToAddress(image.address, this.#family === 4 ? 4 : 16);
    const prefixLength = prefixLengthOfFlags(flags);
    const interfaceName = this.#values.value(image.interfaceNameId);
    return {
      id: bindingId(this.#family, instance, address, prefixLength),
      row: image.row,
      sequence: image.sequence,
      changedAtSeconds: image.changedAtSeconds,
      instance,
      address,
      prefixLength,
      kind: (flags & FLAG_PREFIX) === 0 ? "address" : "prefix",
      state: stateOfFlags(flags),
      hardwareType: image.hardwareType,
      hardwareAddress: field(Field.hardwareAddress),
      clientId: field(Field.clientId),
      iaid: this.#record.iaid,
      startTimeOfStateSeconds: image.startTimeOfStateSeconds,
      clientLastTransactionTimeSeconds: image.clientLastTransactionTimeSeconds,
      expiresAtSeconds: image.expiresAtSeconds,
      preferredUntilSeconds: (flags & FLAG_PREFERRED) === 0 ? undefined : image.preferredUntilSeconds,
      linkAddress: this.#values.value(image.linkAddressId),
      relayAgentInformation: field(Field.relayAgentInformation),
      circuitId: field(Field.circuitId),
      remoteId: field(Field.remoteId),
      relayId: field(Field.relayId),
      options: field(Field.options),
      serverIdentifier: this.#values.value(image.serverIdentifierId),
      serverAddress: this.#serverAddresses.text(image.instanceAndServer & 0xffff),
      dataSource: (flags >>> 8) & 255,
      origin: BINDING_ORIGINS[originOfFlags(flags)]!,
      interfaceName: interfaceName === undefined ? undefined : this.#decoder.decode(interfaceName),
    };
  }
}

function wordsToAddress(words: Uint32Array, length: number): Uint8Array {
  const address = new Uint8Array(length);
  for (let i = 0; i < length; i += 1) address[i] = words[i >>> 2]! >>> (24 - (i & 3) * 8);
  return address;
}
