import { type Format, wrongLength } from "../format.ts";
import { showHex } from "./tag-length-value.ts";

/** Option 90 (RFC 3118 §2) and DHCPv6 option 11 (RFC 9915 §21.11), which have one layout. */
export interface Authentication {
  readonly protocol: number;
  readonly algorithm: number;
  readonly replayDetectionMethod: number;
  /** 8 octets. */
  readonly replayDetection: Uint8Array;
  readonly information: Uint8Array;
}

const headerLength = 11;

export const authentication: Format<Authentication> = {
  decode: (data) =>
    data.length < headerLength
      ? wrongLength(data, `at least ${headerLength} are needed`)
      : {
          ok: true,
          value: {
            protocol: data[0] as number,
            algorithm: data[1] as number,
            replayDetectionMethod: data[2] as number,
            replayDetection: data.subarray(3, headerLength),
            information: data.subarray(headerLength),
          },
        },
  encode: (value) => {
    if (value.replayDetection.length !== 8) throw new RangeError("replay detection has 8 octets");
    const out = new Uint8Array(headerLength + value.information.length);
    out.set([value.protocol, value.algorithm, value.replayDetectionMethod]);
    out.set(value.replayDetection, 3);
    out.set(value.information, headerLength);
    return out;
  },
  show: (value) =>
    `protocol ${value.protocol}, algorithm ${value.algorithm}, replay detection ${value.replayDetectionMethod} ${showHex(value.replayDetection)}${
      value.information.length > 0 ? `, information ${showHex(value.information)}` : ""
    }`,
};
