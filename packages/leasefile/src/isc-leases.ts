import { type BindingInput, BindingState, EXPIRES_NEVER } from "@leasewire/bindings";
import { encodeOptions4, encodeRelayAgentInformation, type Option4, OptionCode4 } from "@leasewire/wire";
import { checked, ended, hardwareOfDuid, moment, options6, relayFields4 } from "./binding.ts";
import { type StatementHandler, StatementReader } from "./isc-statements.ts";
import { readStatement, type Statement, type Token } from "./isc-tokens.ts";
import type { LeaseFileOptions, LeaseFileParser, LeaseFileSink, LeaseRefusal } from "./lease-file.ts";
import { leaseFileLimits } from "./limits.ts";
import { printableStart } from "./printable.ts";
import { address4, address6, hexOctets, number, Refused, shown } from "./values.ts";

/**
 * `dhcpd.leases` and `dhcpd6.leases` of ISC dhcpd (dhcpd.leases(5)): a journal of statements, the last of an address holds.
 * Both families may stand in one file. Of a DHCPv6 association every address and prefix is a binding of its own.
 */
export class IscLeasesParser implements LeaseFileParser {
  readonly #options: LeaseFileOptions;
  readonly #statements = new StatementReader();
  #sink: LeaseFileSink | undefined;
  #littleEndian = true;
  #serverDuid: Uint8Array | undefined;
  /** Something that only such a file holds has been seen. */
  #recognised = false;
  wrongFormat: LeaseRefusal | undefined;

  readonly #handler: StatementHandler = {
    statement: (text, line) => this.#statement(text, line),
    broken: (text, line, what) => {
      if (this.wrongFormat !== undefined) return;
      if (!this.#recognised && !openerOf(text)) {
        this.#refuseFormat(text, line);
        return;
      }
      this.#refuse(text, line, brokenWhat[what], "remove or repair the statement");
    },
  };

  constructor(options: LeaseFileOptions) {
    this.#options = options;
  }

  get line(): number {
    return this.#statements.line;
  }

  feed(chunk: Uint8Array, sink: LeaseFileSink): void {
    if (this.wrongFormat !== undefined) return;
    this.#sink = sink;
    this.#statements.feed(chunk, this.#handler);
  }

  end(sink: LeaseFileSink): void {
    if (this.wrongFormat !== undefined) return;
    this.#sink = sink;
    this.#statements.end(this.#handler);
  }

  #statement(text: string, line: number): void {
    if (this.wrongFormat !== undefined) return;
    const statement = readStatement(text);
    const [first, second] = statement.words;
    try {
      switch (first?.kind === "word" ? first.text.toLowerCase() : "") {
        case "lease":
          this.#recognised = true;
          this.#lease4(statement, line);
          return;
        case "ia-na":
          this.#recognised = true;
          this.#association(statement, line, "na");
          return;
        case "ia-ta":
          this.#recognised = true;
          this.#association(statement, line, "ta");
          return;
        case "ia-pd":
          this.#recognised = true;
          this.#association(statement, line, "pd");
          return;
        case "server-duid":
          this.#recognised = true;
          this.#serverDuid = octetsOf(statement.words.slice(1), "server-duid");
          return;
        case "authoring-byte-order":
          this.#recognised = true;
          this.#littleEndian = second?.text !== "big-endian";
          return;
        // Nothing of them is a lease.
        case "failover":
        case "host":
        case "group":
        case "class":
        case "subclass":
          this.#recognised = true;
          return;
        default:
          if (!this.#recognised) this.#refuseFormat(text, line);
          else this.#refuse(text, line, `${shown(first?.text ?? "")} begins no statement of a lease file`, "remove it");
      }
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refuse(text, line, error.what, error.remedy);
    }
  }

  #lease4({ words, block }: Statement, line: number): void {
    if (block === undefined || words.length !== 2) throw new Refused("the lease has no address and block", "repair it");
    const { instance, nowSeconds } = this.#options;
    let state: number = BindingState.ACTIVE;
    let starts = 0;
    let ends = 0;
    let cltt = 0;
    let hardware: { type: number; address: Uint8Array } | undefined;
    let clientId: Uint8Array | undefined;
    const relay: Option4[] = [];
    const options: Option4[] = [];
    for (const {
      words: [head, ...values],
      block: inner,
    } of block) {
      if (head === undefined || inner !== undefined) continue;
      const next = values[0]?.text.toLowerCase();
      switch (head.text.toLowerCase()) {
        case "starts":
          starts = readDate(values, "starts");
          break;
        case "ends":
          ends = readDate(values, "ends");
          break;
        case "cltt":
          cltt = readDate(values, "cltt");
          break;
        case "binding":
          if (next === "state") state = readState4(values[1]?.text ?? "");
          break;
        // What older versions wrote instead of a state.
        case "abandoned":
          state = BindingState.ABANDONED;
          break;
        case "hardware":
          hardware = readHardware(values);
          break;
        case "uid":
          clientId = atMost(octetsOf(values, "uid"), leaseFileLimits.clientIdOctetsMax, "uid");
          break;
        case "client-hostname":
          options.push({
            code: OptionCode4.hostName,
            data: atMost(octetsOf(values, "client-hostname"), 255, "client-hostname"),
          });
          break;
        case "option":
          if (next?.startsWith("agent.")) relay.push(readAgentOption(next, values.slice(1)));
          break;
        case "set":
          if (next === "vendor-class-identifier") {
            const data = octetsOf(values.slice(1), "vendor-class-identifier");
            if (data.length > 0)
              options.push({ code: OptionCode4.vendorClassIdentifier, data: atMost(data, 255, next) });
          }
          break;
      }
    }
    const infinite = ends === EXPIRES_NEVER;
    const begins = starts === EXPIRES_NEVER ? 0 : starts;
    const over = state !== BindingState.ACTIVE && state !== BindingState.ABANDONED && !infinite && ends > 0;
    const binding = checked(4, {
      instance,
      address: address4(words[1]?.text ?? "", "lease"),
      prefixLength: 32,
      kind: "address",
      state,
      hardwareType: hardware?.type ?? 0,
      hardwareAddress: hardware?.address,
      clientId: clientId?.length === 0 ? undefined : clientId,
      startTimeOfStateSeconds: over ? ends : begins,
      clientLastTransactionTimeSeconds: cltt === EXPIRES_NEVER ? 0 : cltt || begins,
      expiresAtSeconds: ends,
      ...(relay.length === 0 ? {} : relayFields4(encodeRelayAgentInformation(relay), "option agent")),
      options: options.length === 0 ? undefined : encodeOptions4(options),
      dataSource: 0,
      origin: "import",
    });
    this.#sink?.record({ line, family: 4, binding: ended(binding, nowSeconds), onlyEnds: false });
  }

  #association({ words, block }: Statement, line: number, type: "na" | "ta" | "pd"): void {
    const key = words.length === 2 && block !== undefined ? octetsOf(words.slice(1), `ia-${type}`) : undefined;
    if (key === undefined || block === undefined || key.length < 5) {
      throw new Refused(`the ia-${type} has no IAID with DUID, or no block`, "repair it");
    }
    const duid = atMost(key.subarray(4), leaseFileLimits.clientIdOctetsMax, "DUID");
    const iaid = new DataView(key.buffer, key.byteOffset, 4).getUint32(0, this.#littleEndian);
    let cltt = 0;
    const leases: Statement[] = [];
    for (const statement of block) {
      const head = statement.words[0]?.text.toLowerCase();
      if (head === "cltt") cltt = readDate(statement.words.slice(1), "cltt");
      if (head === "iaaddr" || head === "iaprefix") leases.push(statement);
    }
    if (cltt === EXPIRES_NEVER) cltt = 0;
    const hardware = hardwareOfDuid(duid);
    const common = {
      instance: this.#options.instance,
      kind: type === "pd" ? "prefix" : "address",
      hardwareType: hardware?.type ?? 0,
      hardwareAddress: hardware?.address,
      clientId: duid,
      iaid,
      clientLastTransactionTimeSeconds: cltt,
      options: options6({ temporaryIaid: type === "ta" ? iaid : undefined }),
      serverIdentifier: this.#serverDuid,
      dataSource: 0,
      origin: "import",
    } as const;
    // All of an association or nothing of it: one that is half wrong is one row that is refused.
    const bindings = leases.map((lease) => this.#lease6(lease, type, common, cltt));
    for (const binding of bindings) this.#sink?.record({ line, family: 6, binding, onlyEnds: false });
  }

  #lease6(
    { words, block = [] }: Statement,
    type: "na" | "ta" | "pd",
    common: Omit<BindingInput, "address" | "prefixLength" | "state" | "startTimeOfStateSeconds" | "expiresAtSeconds">,
    cltt: number,
  ): BindingInput {
    const [head, place] = words;
    if (head?.text.toLowerCase() !== (type === "pd" ? "iaprefix" : "iaaddr") || words.length !== 2) {
      throw new Refused(`${shown(head?.text ?? "")} does not belong in an ia-${type}`, "repair it");
    }
    const [address = "", length] = (place?.text ?? "").split("/");
    if ((type === "pd") !== (length !== undefined)) {
      throw new Refused(`${shown(place?.text ?? "")} has ${type === "pd" ? "no" : "a"} prefix length`, "repair it");
    }
    let state: number = BindingState.ACTIVE;
    let ends = 0;
    let preferredLife: number | undefined;
    for (const {
      words: [name, ...values],
    } of block) {
      switch (name?.text.toLowerCase()) {
        case "binding":
          if (values[0]?.text === "state") state = readState6(values[1]?.text ?? "");
          break;
        case "ends":
          ends = readDate(values, "ends");
          break;
        case "preferred-life":
          preferredLife = number(values[0]?.text ?? "", "preferred-life", EXPIRES_NEVER);
          break;
      }
    }
    const over =
      state !== BindingState.ACTIVE && state !== BindingState.ABANDONED && ends !== EXPIRES_NEVER && ends > 0;
    const binding = checked(6, {
      ...common,
      address: address6(address, head.text),
      prefixLength: length === undefined ? 128 : number(length, "prefix length", 127),
      state,
      startTimeOfStateSeconds: over ? ends : cltt,
      expiresAtSeconds: ends,
      preferredUntilSeconds: preferredLife === undefined ? undefined : moment(cltt, preferredLife),
    });
    return ended(binding, this.#options.nowSeconds);
  }

  #refuse(text: string, line: number, what: string, remedy: string): void {
    this.#sink?.refusal({ line, what, remedy, text: printableStart(oneLine(text)) });
  }

  #refuseFormat(text: string, line: number): void {
    this.wrongFormat = {
      line,
      what: "this does not begin like a lease file of ISC dhcpd",
      remedy: "choose the format the file has; such a file holds statements like lease 192.0.2.7 { … }",
      text: printableStart(oneLine(text)),
    };
  }
}

const brokenWhat = {
  unfinished: "the statement has no end: it was cut off",
  "too-long": `the statement is longer than ${leaseFileLimits.statementOctetsMax} octets`,
  string: "a string is not closed before the line ends",
} as const;

/** Of a statement as much as is shown, without its line ends. */
function oneLine(text: string): string {
  return text.slice(0, 512).replace(/\s+/g, " ");
}

function openerOf(text: string): boolean {
  return /^(lease|ia-(na|ta|pd)|server-duid|authoring-byte-order)\s/.test(text);
}

function readState4(name: string): number {
  switch (name) {
    case "active":
      return BindingState.ACTIVE;
    case "free":
    case "backup":
      return BindingState.AVAILABLE;
    case "expired":
      return BindingState.EXPIRED;
    case "released":
      return BindingState.RELEASED;
    case "abandoned":
      return BindingState.ABANDONED;
    case "reset":
      return BindingState.RESET;
    default:
      throw new Refused(
        `the binding state ${shown(name)} is unknown`,
        "write active, free, backup, expired, released, abandoned or reset",
      );
  }
}

const readState6 = readState4;

const hardwareTypes: Readonly<Record<string, number>> = { ethernet: 1, "token-ring": 6, fddi: 8, infiniband: 32 };

function readHardware([type, address]: readonly Token[]): { type: number; address: Uint8Array } | undefined {
  const name = type?.text.toLowerCase() ?? "";
  const unknown = /^unknown-([0-9]{1,3})$/.exec(name)?.[1];
  const code = hardwareTypes[name] ?? (unknown === undefined ? undefined : Number(unknown));
  if (code === undefined) throw new Refused(`the hardware type ${shown(name)} is unknown`, "write ethernet");
  if (address === undefined) return undefined;
  return { type: code, address: hexOctets(address.text, "hardware", 1, leaseFileLimits.hardwareAddressOctetsMax) };
}

/** Sub-options of option 82 by the names dhcpd has for them; others are `agent.unknown-N`. */
const agentOptions: Readonly<Record<string, { code: number; form: "octets" | "address" | "number" }>> = {
  "circuit-id": { code: 1, form: "octets" },
  "remote-id": { code: 2, form: "octets" },
  "agent-id": { code: 3, form: "address" },
  "docsis-device-class": { code: 4, form: "number" },
  "link-selection": { code: 5, form: "address" },
};

function readAgentOption(name: string, values: readonly Token[]): Option4 {
  const short = name.slice("agent.".length);
  const unknown = /^unknown-([0-9]{1,3})$/.exec(short)?.[1];
  const known = Object.hasOwn(agentOptions, short)
    ? agentOptions[short]
    : unknown === undefined || Number(unknown) > 255
      ? undefined
      : { code: Number(unknown), form: "octets" as const };
  if (known === undefined) throw new Refused(`the option ${shown(name)} is unknown`, "write agent.unknown-N");
  const { code, form } = known;
  if (form === "address") return { code, data: address4(values[0]?.text ?? "", name) };
  if (form === "number") {
    const value = number(values[0]?.text ?? "", name, EXPIRES_NEVER);
    return { code, data: Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value) };
  }
  return { code, data: atMost(octetsOf(values, name), 255, name) };
}

/** A string's octets, or hex with colons; `=` before it is passed over. */
function octetsOf(values: readonly Token[], name: string): Uint8Array {
  const value = values.find((token) => token.kind !== "mark");
  if (value === undefined) throw new Refused(`${name} has no value`, "give a string or hex octets");
  if (value.kind === "word") return hexOctets(value.text, name, 0, leaseFileLimits.valueOctetsMax);
  const octets = new Uint8Array(value.text.length);
  for (let i = 0; i < octets.length; i += 1) octets[i] = value.text.charCodeAt(i);
  return octets;
}

function atMost(octets: Uint8Array, max: number, name: string): Uint8Array {
  if (octets.length <= max) return octets;
  throw new Refused(`${name} has ${octets.length} octets, ${max} are possible`, "correct the value");
}

/** `never`, `epoch SECONDS`, or `WEEKDAY YYYY/MM/DD HH:MM:SS` in UTC, perhaps with an offset behind. */
function readDate(values: readonly Token[], name: string): number {
  const [first, date, time, zone] = values.map((token) => token.text);
  if (first === "never") return EXPIRES_NEVER;
  if (first === "epoch") return number(date ?? "", name, EXPIRES_NEVER - 1);
  const day = /^([0-9]{4})\/([0-9]{1,2})\/([0-9]{1,2})$/.exec(date ?? "");
  const clock = /^([0-9]{1,2}):([0-9]{2}):([0-9]{2})$/.exec(time ?? "");
  const offset = zone === undefined ? ["", "", "0", "0"] : /^([+-]?)([0-9]{2})([0-9]{2})$/.exec(zone);
  if (!/^[0-6]$/.test(first ?? "") || day === null || clock === null || offset === null) {
    throw new Refused(
      `${name} ${shown([first, date, time].filter((part) => part !== undefined).join(" "))} is not a time`,
      "write never, epoch SECONDS, or WEEKDAY YYYY/MM/DD HH:MM:SS",
    );
  }
  const [, year, month, dayOfMonth] = day.map(Number) as [number, number, number, number];
  const [, hours, minutes, seconds] = clock.map(Number) as [number, number, number, number];
  if (month < 1 || month > 12 || dayOfMonth < 1 || dayOfMonth > 31 || hours > 23 || minutes > 59 || seconds > 60) {
    throw new Refused(`${name} ${shown(`${date} ${time}`)} is no day or no time of day`, "correct it");
  }
  const away = (Number(offset[2]) * 60 + Number(offset[3])) * 60 * (offset[1] === "-" ? -1 : 1);
  const instant = daysFromEpoch(year, month, dayOfMonth) * 86_400 + hours * 3_600 + minutes * 60 + seconds - away;
  return Math.min(Math.max(instant, 0), EXPIRES_NEVER - 1);
}

/** Days since 1970-01-01 of a day of the Gregorian calendar: years begin in March, so that the leap day comes last. */
function daysFromEpoch(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719_468;
}
