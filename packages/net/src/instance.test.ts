import { describe, expect, test } from "vitest";
import { DEFAULT_INSTANCE, formatInstance, instanceParts, parseInstance } from "./instance.ts";

describe("instances", () => {
  test.each([
    ["default:default", undefined, undefined],
    ["core:default", "core", undefined],
    ["default:vpn-a", undefined, "vpn-a"],
    ["bng-a:vpn.1_x", "bng-a", "vpn.1_x"],
  ])("%s", (text, logicalSystem, routingInstance) => {
    expect(parseInstance(text)).toEqual({ ok: true, value: text });
    expect(formatInstance(logicalSystem, routingInstance)).toBe(text);
    expect(instanceParts(text as `${string}:${string}`)).toEqual({ logicalSystem, routingInstance });
  });
  test("the default", () => expect(formatInstance()).toBe(DEFAULT_INSTANCE));
  test.each([
    ["", "instance-syntax", '"" is not an instance: write LOGICAL-SYSTEM:ROUTING-INSTANCE, such as default:default'],
    [
      "core",
      "instance-syntax",
      '"core" is not an instance: write LOGICAL-SYSTEM:ROUTING-INSTANCE, such as default:default',
    ],
    [
      "a:b:c",
      "instance-syntax",
      '"a:b:c" is not an instance: write LOGICAL-SYSTEM:ROUTING-INSTANCE, such as default:default',
    ],
    [
      ":b",
      "instance-name",
      '":b" has the name "": a name has 1 to 128 letters, digits and - _ . and begins with a letter or digit',
    ],
    [
      "a:b c",
      "instance-name",
      '"a:b c" has the name "b c": a name has 1 to 128 letters, digits and - _ . and begins with a letter or digit',
    ],
  ])("refuses %j", (text, code, message) => {
    expect(parseInstance(text)).toEqual({ ok: false, error: { code, message } });
  });
});
