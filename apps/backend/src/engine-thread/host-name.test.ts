import { describe, expect, test } from "vitest";
import { hostName } from "./host-name.ts";

const ascii = (text: string) => [...text].map((character) => character.charCodeAt(0));
const option4 = (code: number, ...data: number[]) => [code, data.length, ...data];
const option6 = (code: number, ...data: number[]) => [0, code, 0, data.length, ...data];

describe("the name a client gave itself", () => {
  test.each([
    ["nothing kept", 4, [], null],
    ["host name", 4, option4(12, ...ascii("phone")), "phone"],
    ["host name before FQDN", 4, [...option4(81, 0, 0, 0, ...ascii("b")), ...option4(12, ...ascii("a"))], "a"],
    ["FQDN in ASCII", 4, option4(81, 1, 0, 0, ...ascii("a.example")), "a.example"],
    ["FQDN in labels", 4, option4(81, 4, 0, 0, 1, ...ascii("a"), 7, ...ascii("example"), 0), "a.example"],
    ["FQDN without a name", 4, option4(81, 4, 0, 0), null],
    ["v6 FQDN, partial", 6, option6(39, 0, 3, ...ascii("cpe")), "cpe"],
    ["v6 FQDN, whole", 6, option6(39, 0, 3, ...ascii("cpe"), 4, ...ascii("test"), 0), "cpe.test"],
    ["escape codes of a terminal", 4, option4(12, 0x1b, 0x5b, 0x32, 0x4a), "0x1b5b324a"],
    ["labels that overrun are shown as octets", 6, option6(39, 0, 60, 0xff), "0x3cff"],
  ] as const)("%s", (_, family, bytes, name) => {
    expect(hostName(family, Uint8Array.from(bytes))).toBe(name);
  });
});
