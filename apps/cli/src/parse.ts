import { type Command, commands, formSyntax, type Parameter, parameterSyntax, wordHelp } from "./grammar.ts";
import { nearestWord } from "./nearest.ts";

/** The values given on a command line. A bare word has the value `true`. */
export class Arguments {
  readonly #values: ReadonlyMap<Parameter, unknown>;

  constructor(values: ReadonlyMap<Parameter, unknown>) {
    this.#values = values;
  }

  /** `undefined` when it was not given. Parameters are told apart by word and placeholder. */
  get<T>(parameter: Parameter<T>): T | undefined {
    for (const [given, value] of this.#values) {
      if (given.word === parameter.word && given.placeholder === parameter.placeholder) return value as T;
    }
    return undefined;
  }
}

export interface Completion {
  readonly syntax: string;
  readonly help: string;
}

export type Parsed =
  | { readonly kind: "command"; readonly command: Command; readonly arguments: Arguments; readonly json: boolean }
  /** `?`, `help` or `--help`: what may follow the words before it. */
  | { readonly kind: "help"; readonly before: readonly string[]; readonly completions: readonly Completion[] }
  /** Not understood: what is wrong, and what could stand there instead. */
  | { readonly kind: "usage"; readonly message: string; readonly completions: readonly Completion[] };

const endsLine: Completion = { syntax: "<Enter>", help: "Execute this command" };

/** Words may be shortened to any beginning that no other word shares, as on a router. */
export function parseCommandLine(argv: readonly string[]): Parsed {
  const json = argv.includes("--json");
  const tokens = argv.filter((token) => token !== "--json");
  const helpAt = tokens.findIndex((token) => token === "?" || token === "--help" || token === "-h");
  const asksHelp = helpAt >= 0 || tokens[0] === "help";
  const words = helpAt >= 0 ? tokens.slice(0, helpAt) : tokens[0] === "help" ? tokens.slice(1) : tokens;

  const found = findCommand(words);
  if (found.kind === "usage") return found;
  if (found.kind === "incomplete") {
    if (asksHelp) return { kind: "help", before: found.taken, completions: found.completions };
    const message =
      found.taken.length === 0
        ? "no command was given"
        : `"${found.taken.join(" ")}" is not a whole command: something has to follow`;
    return { kind: "usage", message, completions: found.completions };
  }
  return readParameters(found.command, words.slice(found.command.words.length), asksHelp, json);
}

type Found =
  | { readonly kind: "command"; readonly command: Command }
  | { readonly kind: "incomplete"; readonly taken: readonly string[]; readonly completions: readonly Completion[] }
  | Extract<Parsed, { kind: "usage" }>;

function findCommand(words: readonly string[]): Found {
  let candidates = commands;
  const taken: string[] = [];
  for (;;) {
    const depth = taken.length;
    const whole = candidates.find((command) => command.words.length === depth);
    if (whole !== undefined) return { kind: "command", command: whole };
    const next = [...new Set(candidates.map((command) => command.words[depth]!))];
    const completions = next.map((word) => ({ syntax: word, help: helpFor([...taken, word]) }));
    const token = words[depth];
    if (token === undefined) return { kind: "incomplete", taken, completions };
    const match = matchWord(token, next);
    if (match.kind === "many") {
      return {
        kind: "usage",
        message: `"${token}" could be ${match.words.join(" or ")}: write more letters`,
        completions: completions.filter((completion) => match.words.includes(completion.syntax)),
      };
    }
    if (match.kind === "none") {
      const place = depth === 0 ? "" : ` after "${taken.join(" ")}"`;
      return { kind: "usage", message: `unknown word "${token}"${place}${suggestion(token, next)}`, completions };
    }
    taken.push(match.word);
    candidates = candidates.filter((command) => command.words[depth] === match.word);
  }
}

function readParameters(command: Command, tokens: readonly string[], asksHelp: boolean, json: boolean): Parsed {
  const values = new Map<Parameter, unknown>();
  const before = [...command.words];
  const fail = (message: string, completions = following(command, values)): Parsed => ({
    kind: "usage",
    message,
    completions,
  });

  for (let i = 0; i < tokens.length; i += 1) {
    const token = tokens[i]!;
    const parameter = findParameter(command, values, token);
    if (parameter === undefined) return fail(describeUnknown(command, values, token));
    if (values.has(parameter)) return fail(`"${parameter.word ?? parameter.placeholder}" is given twice`);
    const rival = [...values.keys()].find((given) => excludeEachOther(command, given, parameter));
    if (rival !== undefined) {
      return fail(`"${wordOf(rival)}" and "${wordOf(parameter)}" exclude each other: keep one of them`);
    }
    if (parameter.parse === undefined) {
      values.set(parameter, true);
      before.push(token);
      continue;
    }
    const text = parameter.word === undefined ? token : tokens[i + 1];
    if (text === undefined) {
      const completions = [{ syntax: parameter.placeholder ?? "", help: parameter.help }];
      if (asksHelp) return { kind: "help", before: [...before, token], completions };
      return fail(`"${parameter.word}" needs a value: ${parameterSyntax(parameter)}`, completions);
    }
    const parsed = parameter.parse(text);
    if (!parsed.ok) {
      const where = parameter.word === undefined ? "" : `${parameter.word}: `;
      return fail(`${where}${parsed.error.message}`, [{ syntax: parameter.placeholder ?? "", help: parameter.help }]);
    }
    values.set(parameter, parsed.value);
    before.push(token);
    if (parameter.word !== undefined) {
      before.push(text);
      i += 1;
    }
  }

  const missing = missingParameters(command, values);
  const partial = partOfForm(command, values);
  if (asksHelp) {
    const completions = following(command, values);
    const whole = missing.length === 0 && !partial;
    return { kind: "help", before, completions: whole ? [endsLine, ...completions] : completions };
  }
  if (partial) {
    const forms = (command.forms ?? []).map((form) => `"${formSyntax(form)}"`).join(" or ");
    return fail(`after "${command.words.join(" ")}" write ${forms}, or neither`);
  }
  if (missing.length > 0) {
    const completions = missing.map((parameter) => ({ syntax: parameterSyntax(parameter), help: parameter.help }));
    const wanted = completions.map((completion) => completion.syntax).join(", ");
    const group = command.requiredGroup !== undefined && missing[0]?.group === command.requiredGroup;
    return fail(
      `"${command.words.join(" ")}" needs ${group && missing.length > 1 ? "one of " : ""}${wanted}`,
      completions,
    );
  }
  return { kind: "command", command, arguments: new Arguments(values), json };
}

/** A whole keyword first, then the beginning of one that is still free, then the value that stands alone. */
function findParameter(
  command: Command,
  values: ReadonlyMap<Parameter, unknown>,
  token: string,
): Parameter | undefined {
  const exact = command.parameters.find((parameter) => parameter.word === token);
  if (exact !== undefined) return exact;
  const alone = standingAlone(command, values);
  if (alone?.anyWord && !values.has(alone)) return alone;
  const words = command.parameters.flatMap((parameter) => parameter.word ?? []);
  const match = matchWord(token, words);
  if (match.kind === "one") return command.parameters.find((parameter) => parameter.word === match.word);
  if (match.kind === "many") return undefined;
  // A misspelt keyword is not offered to the parser of the key, whose refusal would talk about hex digits.
  return alone === undefined || nearestWord(token, words) !== undefined ? undefined : alone;
}

/** The next value that stands alone; the last one again when all are given. */
function standingAlone(command: Command, values: ReadonlyMap<Parameter, unknown>): Parameter | undefined {
  const all = command.parameters.filter((parameter) => parameter.word === undefined);
  return all.find((parameter) => !values.has(parameter)) ?? all.at(-1);
}

function describeUnknown(command: Command, values: ReadonlyMap<Parameter, unknown>, token: string): string {
  const words = command.parameters
    .filter((parameter) => !values.has(parameter))
    .flatMap((parameter) => parameter.word ?? []);
  const match = matchWord(token, words);
  if (match.kind === "many") return `"${token}" could be ${match.words.join(" or ")}: write more letters`;
  return `unknown word "${token}" after "${command.words.join(" ")}"${suggestion(token, words)}`;
}

/** What may still be given. */
function following(command: Command, values: ReadonlyMap<Parameter, unknown>): Completion[] {
  const given = [...values.keys()];
  return command.parameters
    .filter((parameter) => !values.has(parameter))
    .filter((parameter) => !given.some((other) => excludeEachOther(command, other, parameter)))
    .filter((parameter) => fitsForm(command, given, parameter))
    .map((parameter) => ({ syntax: parameterSyntax(parameter), help: parameter.help }));
}

function excludeEachOther(command: Command, one: Parameter, other: Parameter): boolean {
  if (one.group !== undefined && one.group === other.group) return true;
  return (command.excludes ?? []).some((pair) => pair.includes(one) && pair.includes(other) && one !== other);
}

/** False where no form holds the parameter beside those that are given. */
function fitsForm(command: Command, given: readonly Parameter[], parameter: Parameter): boolean {
  const forms = command.forms ?? [];
  if (!forms.some((form) => form.includes(parameter))) return true;
  const ofForms = given.filter((other) => forms.some((form) => form.includes(other)));
  return forms.some((form) => [...ofForms, parameter].every((one) => form.includes(one)));
}

function missingParameters(command: Command, values: ReadonlyMap<Parameter, unknown>): Parameter[] {
  const group = command.requiredGroup;
  const groupGiven = [...values.keys()].some((parameter) => parameter.group === group);
  return command.parameters.filter(
    (parameter) =>
      !values.has(parameter) &&
      (parameter.required || (group !== undefined && parameter.group === group && !groupGiven)),
  );
}

/** True when parameters are given that only mean something together with others that are not. */
function partOfForm(command: Command, values: ReadonlyMap<Parameter, unknown>): boolean {
  const forms = command.forms ?? [];
  const given = [...values.keys()].filter((parameter) => forms.some((form) => form.includes(parameter)));
  return (
    given.length > 0 &&
    !forms.some((form) => form.length === given.length && given.every((parameter) => form.includes(parameter)))
  );
}

type Match =
  | { readonly kind: "one"; readonly word: string }
  | { readonly kind: "many"; readonly words: readonly string[] }
  | { readonly kind: "none" };

function matchWord(token: string, words: readonly string[]): Match {
  if (words.includes(token)) return { kind: "one", word: token };
  const matches = token === "" ? [] : words.filter((word) => word.startsWith(token));
  if (matches.length === 1) return { kind: "one", word: matches[0]! };
  return matches.length === 0 ? { kind: "none" } : { kind: "many", words: matches };
}

function suggestion(token: string, words: readonly string[]): string {
  const near = nearestWord(token, words);
  return near === undefined ? "" : `: did you mean "${near}"?`;
}

function wordOf(parameter: Parameter): string {
  return parameter.word ?? parameter.placeholder ?? "";
}

function helpFor(words: readonly string[]): string {
  const text = words.join(" ");
  return wordHelp[text] ?? commands.find((command) => command.words.join(" ") === text)?.help ?? "";
}
