import type { InstanceName } from "@leasewire/net";
import type { Family } from "./binding.ts";
import type { Interner, TextPool } from "./interner.ts";
import { RecordReader } from "./record.ts";
import type { RowImage } from "./row-image.ts";
import { FLAG_PREFERRED, FLAG_PREFIX, originOfFlags, prefixLengthOfFlags, stateOfFlags } from "./row-layout.ts";

/** Octets that lie in a larger run of them. */
export class Place {
  bytes: Uint8Array = NOTHING;
  start = 0;
  /** −1: absent. */
  length = -1;
}

const NOTHING = new Uint8Array(0);

/**
 * A change where it lies in the log: texts and numbers of a `Change`, and octets as places. Nothing is copied, and it is one
 * object that is written again: valid until the next change is read, or made.
 */
export class LoggedChange {
  readonly family: Family;
  sequence = 0;
  atSeconds = 0;
  removed = false;
  cause = "";
  instance: InstanceName = "" as InstanceName;
  /** Most significant first, one or four. */
  readonly addressWords: Uint32Array;
  prefixLength = 0;
  isPrefix = false;
  state = 0;
  hardwareType = 0;
  iaid: number | undefined = undefined;
  startTimeOfStateSeconds = 0;
  clientLastTransactionTimeSeconds = 0;
  expiresAtSeconds = 0;
  preferredUntilSeconds: number | undefined = undefined;
  dataSource = 0;
  /** Its place among `BINDING_ORIGINS`. */
  originNumber = 0;
  serverAddress: string | undefined = undefined;
  readonly linkAddress = new Place();
  readonly serverIdentifier = new Place();
  /** UTF-8. */
  readonly interfaceName = new Place();
  /** Field `f` is `lengths[f]` octets from `starts[f]` on, −1: absent. */
  bytes: Uint8Array = NOTHING;
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  readonly #record = new RecordReader();

  constructor(family: Family) {
    this.family = family;
    this.addressWords = new Uint32Array(family === 4 ? 1 : 4);
    this.starts = this.#record.starts;
    this.lengths = this.#record.lengths;
  }

  /** @internal */
  read(
    image: RowImage,
    removed: boolean,
    cause: string,
    values: Interner,
    instances: TextPool,
    servers: TextPool,
  ): void {
    const { flags } = image;
    this.#record.read(image.bytes, image.offset);
    this.bytes = image.bytes;
    this.iaid = this.#record.iaid;
    this.sequence = image.sequence;
    this.atSeconds = image.changedAtSeconds;
    this.removed = removed;
    this.cause = cause;
    this.instance = instances.text(image.instanceAndServer >>> 16) as InstanceName;
    for (let i = 0; i < this.addressWords.length; i += 1) this.addressWords[i] = image.address[i]!;
    this.prefixLength = prefixLengthOfFlags(flags);
    this.isPrefix = (flags & FLAG_PREFIX) !== 0;
    this.state = stateOfFlags(flags);
    this.hardwareType = image.hardwareType;
    this.startTimeOfStateSeconds = image.startTimeOfStateSeconds;
    this.clientLastTransactionTimeSeconds = image.clientLastTransactionTimeSeconds;
    this.expiresAtSeconds = image.expiresAtSeconds;
    this.preferredUntilSeconds = (flags & FLAG_PREFERRED) === 0 ? undefined : image.preferredUntilSeconds;
    this.dataSource = (flags >>> 8) & 255;
    this.originNumber = originOfFlags(flags);
    this.serverAddress = servers.text(image.instanceAndServer & 0xffff);
    locate(values, image.linkAddressId, this.linkAddress);
    locate(values, image.serverIdentifierId, this.serverIdentifier);
    locate(values, image.interfaceNameId, this.interfaceName);
  }
}

function locate(values: Interner, id: number, place: Place): void {
  if (id === 0) place.length = -1;
  else values.locate(id, place);
}
