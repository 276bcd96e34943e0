import { describe, expect, test } from "vitest";
import { commandSyntax, commands, parameters } from "./grammar.ts";
import { parseCommandLine } from "./parse.ts";

/** Splits at blanks, except inside quotes. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]!);
}

function understood(line: string) {
  const parsed = parseCommandLine(words(line));
  if (parsed.kind !== "command") throw new Error(`${line}: ${JSON.stringify(parsed)}`);
  return parsed;
}

function refused(line: string) {
  const parsed = parseCommandLine(words(line));
  if (parsed.kind !== "usage") throw new Error(`${line}: ${parsed.kind}`);
  return { message: parsed.message, follow: parsed.completions.map((completion) => completion.syntax) };
}

function helped(line: string): string[] {
  const parsed = parseCommandLine(words(line));
  if (parsed.kind !== "help") throw new Error(`${line}: ${parsed.kind}`);
  return parsed.completions.map((completion) => completion.syntax);
}

describe("the table", () => {
  test("no command is the beginning of another", () => {
    for (const one of commands) {
      for (const other of commands) {
        if (one === other) continue;
        expect(other.words.slice(0, one.words.length).join(" ")).not.toBe(one.words.join(" "));
      }
    }
  });
  test.each(commands.flatMap((command) => command.examples.map((example) => [example, command.id])))(
    "%s",
    (example, id) => {
      expect(understood(example).command.id).toBe(id);
    },
  );
  test.each(commands.map((command) => [command.id, command]))("%s has help for every word", (_, command) => {
    for (let i = 1; i <= command.words.length; i += 1) {
      const parsed = parseCommandLine([...command.words.slice(0, i - 1), "?"]);
      const help =
        parsed.kind === "help" ? parsed.completions.find(({ syntax }) => syntax === command.words[i - 1]) : undefined;
      expect(help?.help).toMatch(/\S/);
    }
  });
  test("syntax lines are those of the vendor", () => {
    const syntax = (id: string) => commandSyntax(commands.find((command) => command.id === id)!);
    expect(syntax("request-leasequery4")).toBe(
      "request dhcp relay leasequery (IPV4 | MAC | CLIENT-ID) gateway-address ADDRESS [server-address ADDRESS | server-group NAME] [routing-instance RI] [logical-system LS]",
    );
    expect(syntax("request-bulk-leasequery4")).toBe(
      "request dhcp relay bulk-leasequery [(IPV4 | MAC | CLIENT-ID) | relay-id ID | remote-id ID | all-configured-ip] [server-address ADDRESS | server-group NAME] [routing-instance RI] [logical-system LS] [query-start-time TIME] [query-end-time TIME] [incremental]",
    );
    expect(syntax("request-bulk-leasequery6")).toBe(
      "request dhcpv6 relay bulk-leasequery [(IPV6[/LEN] | CLIENT-ID) | relay-id ID | remote-id ID | link-addr ADDRESS] [server-address ADDRESS | server-group NAME] [routing-instance RI] [logical-system LS] [query-start-time TIME] [query-end-time TIME] [incremental] [on-link ADDRESS]",
    );
    expect(syntax("show-active-leasequery6")).toBe(
      "show dhcpv6 relay active-leasequery [peer ADDRESS details | statistics peer ADDRESS] [routing-instance RI] [logical-system LS]",
    );
    expect(syntax("show-recovery-compare")).toBe("show recovery compare RUN OTHER");
    expect(syntax("show-binding6")).toBe(
      "show dhcpv6 relay binding [brief | detail | summary] [ADDRESS | PREFIX | MAC | CLIENT-ID] [interface NAME] [routing-instance RI] [logical-system LS]",
    );
    expect(syntax("show-server-active-leasequery4")).toBe(
      "show dhcp server active-leasequery [peer ADDRESS details | statistics peer ADDRESS] [routing-instance RI] [logical-system LS]",
    );
    expect(syntax("clear-server-binding6")).toBe(
      "clear dhcpv6 server binding (IPV6[/LEN] | all | interface NAME) [--yes] [routing-instance RI] [logical-system LS]",
    );
    expect(syntax("request-requestor4")).toBe(
      "request dhcp server requestor ADDRESS (quarantine | release) [seconds N] [reason TEXT] [routing-instance RI] [logical-system LS]",
    );
    expect(syntax("request-reconfigure")).toBe(
      "request dhcpv6 server reconfigure (all | (ADDRESS | PREFIX | DUID)) [renew | rebind | information-request] [routing-instance RI] [logical-system LS]",
    );
    expect(syntax("clear-binding4")).toBe(
      "clear dhcp relay binding (ADDRESS | all | interface NAME) [routing-instance RI] [logical-system LS]",
    );
  });
});

describe("what is understood", () => {
  test("a whole request", () => {
    const { command, arguments: given } = understood(
      "request dhcp relay leasequery 0011.2233.4455 gateway-address 192.0.2.1 server-group core routing-instance r logical-system l",
    );
    expect(command.id).toBe("request-leasequery4");
    expect(given.get(parameters.queryKey4)).toEqual({ kind: "mac", mac: "00:11:22:33:44:55" });
    expect(given.get(parameters.gatewayAddress)).toBe("192.0.2.1");
    expect(given.get(parameters.serverGroup)).toBe("core");
    expect(given.get(parameters.serverAddress)).toBeUndefined();
    expect(given.get(parameters.routingInstance)).toBe("r");
    expect(given.get(parameters.logicalSystem)).toBe("l");
  });
  test("the key may stand anywhere", () => {
    const given = understood("request dhcp relay leasequery gateway-address 192.0.2.1 192.0.2.7").arguments;
    expect(given.get(parameters.queryKey4)).toEqual({ kind: "address", address: "192.0.2.7" });
  });
  test("words may be shortened", () => {
    const { command, arguments: given } = understood("sh dhcp re b det 192.0.2.7 int ge-0/0/1.0");
    expect(command.id).toBe("show-binding4");
    expect(given.get(parameters.detail)).toBe(true);
    expect(given.get(parameters.interfaceName)).toBe("ge-0/0/1.0");
  });
  test("a file may be called like the beginning of a keyword", () => {
    const given = understood("configure load se set").arguments;
    expect(given.get(parameters.file)).toBe("se");
    expect(given.get(parameters.setMode)).toBe(true);
  });
  test("two values that stand alone come in their order", () => {
    const given = understood("show recovery compare a b").arguments;
    expect([given.get(parameters.runId), given.get(parameters.otherRunId)]).toEqual(["a", "b"]);
    expect(refused("show recovery compare a b c").message).toBe('"OTHER" is given twice');
  });
  test("--json anywhere", () => {
    expect(understood("show --json dhcp relay binding").json).toBe(true);
    expect(understood("show dhcp relay binding").json).toBe(false);
  });
});

describe("what is refused", () => {
  test.each([
    [
      "shwo",
      'unknown word "shwo": did you mean "show"?',
      ["request", "show", "clear", "lookup", "import", "export", "configure"],
    ],
    [
      "telnet 192.0.2.7",
      'unknown word "telnet"',
      ["request", "show", "clear", "lookup", "import", "export", "configure"],
    ],
    [
      "show dhcp relay bindng",
      'unknown word "bindng" after "show dhcp relay": did you mean "binding"?',
      ["active-leasequery", "binding", "statistics"],
    ],
    ["show dhcp", '"show dhcp" is not a whole command: something has to follow', ["relay", "server"]],
    ["s dhcp relay binding", undefined, undefined],
    [
      "show dhcp relay binding detial",
      'unknown word "detial" after "show dhcp relay binding": did you mean "detail"?',
      undefined,
    ],
    ["show dhcp relay binding detail brief", '"detail" and "brief" exclude each other: keep one of them', undefined],
    [
      "show dhcp relay binding summary 192.0.2.7",
      '"summary" and "ADDRESS | PREFIX | MAC | CLIENT-ID" exclude each other: keep one of them',
      undefined,
    ],
    ["show dhcp relay binding interface", '"interface" needs a value: interface NAME', ["NAME"]],
    [
      "show dhcp relay statistics single",
      'unknown word "single" after "show dhcp relay statistics"',
      ["leasequery", "bulk-leasequery-connections", "routing-instance RI", "logical-system LS"],
    ],
    [
      "request dhcp relay leasequery 192.0.2.7",
      '"request dhcp relay leasequery" needs gateway-address ADDRESS',
      ["gateway-address ADDRESS"],
    ],
    [
      "request dhcp relay leasequery 192.0.2.7 gateway-address 192.0.2.1 server-address 192.0.2.2 server-group g",
      '"server-address" and "server-group" exclude each other: keep one of them',
      undefined,
    ],
    ["request dhcp relay leasequery 192.0.2.7 192.0.2.8", '"IPV4 | MAC | CLIENT-ID" is given twice', undefined],
    [
      "clear dhcp relay binding",
      '"clear dhcp relay binding" needs one of ADDRESS, all, interface NAME',
      ["ADDRESS", "all", "interface NAME"],
    ],
    ["configure rollback 50", '"50" is not a number from 0 to 49', ["N"]],
    ["configure commit confirmed 0", 'confirmed: "0" is not a number from 1 to 65535', ["N"]],
    [
      "request dhcp relay leasequery 192.0.2.7 gateway-address 192.0.2.1 logical-system a.b",
      "logical-system: \"a.b\" is not the name of a logical system: write 1 to 63 letters, digits, '-' or '_'",
      ["LS"],
    ],
    ["", "no command was given", ["request", "show", "clear", "lookup", "import", "export", "configure"]],
  ])("%s", (line, message, follow) => {
    if (message === undefined) return void understood(line);
    const result = refused(line);
    expect(result.message).toBe(message);
    if (follow !== undefined) expect(result.follow).toEqual(follow);
  });
  test("a wrong key is refused in the words of what it looks like", () => {
    expect(refused("request dhcp relay leasequery 192.0.2.300 gateway-address 192.0.2.1").message).toContain(
      "not an IPv4 address",
    );
    expect(refused("request dhcpv6 relay leasequery 2001:db8::1/56").message).toContain("bits set beyond its length");
  });
  test("two words that begin alike", () => {
    expect(refused("request dhcp relay leasequery server- g").message).toBe(
      '"server-" could be server-address or server-group: write more letters',
    );
  });
});

describe("help", () => {
  test.each([
    ["?", ["request", "show", "clear", "lookup", "import", "export", "configure"]],
    ["help", ["request", "show", "clear", "lookup", "import", "export", "configure"]],
    ["show ?", ["dhcp", "dhcpv6", "recovery"]],
    ["show dhcp relay --help", ["active-leasequery", "binding", "statistics"]],
    ["help configure", ["load", "check", "compare", "commit", "rollback", "discard", "show", "history"]],
    [
      "show dhcp relay statistics ?",
      ["<Enter>", "leasequery", "bulk-leasequery-connections", "routing-instance RI", "logical-system LS"],
    ],
    ["show recovery compare a ?", ["OTHER"]],
    [
      "lookup ?",
      [
        "KEY",
        "--file (FILE | -)",
        "--family (4 | 6)",
        "--ask",
        "gateway-address ADDRESS",
        "server-address ADDRESS",
        "server-group NAME",
        "routing-instance RI",
        "logical-system LS",
      ],
    ],
    [
      "request dhcp relay leasequery ?",
      [
        "(IPV4 | MAC | CLIENT-ID)",
        "gateway-address ADDRESS",
        "server-address ADDRESS",
        "server-group NAME",
        "routing-instance RI",
        "logical-system LS",
      ],
    ],
    ["request dhcp relay leasequery 192.0.2.7 gateway-address ?", ["ADDRESS"]],
    [
      "request dhcp relay leasequery 192.0.2.7 gateway-address 192.0.2.1 server-group g ?",
      ["<Enter>", "routing-instance RI", "logical-system LS"],
    ],
  ])("%s", (line, follow) => {
    expect(helped(line)).toEqual(follow);
  });
});
