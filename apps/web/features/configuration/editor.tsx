"use client";

import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, type Extension, RangeSetBuilder, Transaction } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, keymap, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import { completions, type Finding, parseConfiguration } from "@leasewire/config";
import { basicSetup } from "codemirror";
import { useEffect, useImperativeHandle, useRef } from "react";
import { placeOf } from "./config-text.ts";

export interface EditorHandle {
  /** Puts the cursor at a place (1-based) and shows it. */
  goTo(line: number, column: number): void;
  focus(): void;
}

export interface EditorKey {
  /** CodeMirror's notation, such as `Mod-s`. */
  readonly key: string;
  readonly run: () => void;
}

/** The text of a configuration with line numbers, colours, findings in the gutter and completion from the schema. */
export function Editor(props: {
  readonly ref?: React.Ref<EditorHandle>;
  readonly label: string;
  readonly text: string;
  readonly readOnly: boolean;
  readonly findings: readonly Finding[];
  readonly keys: readonly EditorKey[];
  readonly onChange: (text: string) => void;
}) {
  const { label, text, readOnly, findings } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const onChange = useRef(props.onChange);
  onChange.current = props.onChange;
  const keys = useRef(props.keys);
  keys.current = props.keys;
  const first = useRef({ text, readOnly, label });

  useImperativeHandle(
    props.ref,
    () => ({
      goTo(line, column) {
        const editor = view.current;
        if (editor === null) return;
        const at = offsetOf(editor.state, line, column);
        editor.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
        editor.focus();
      },
      focus: () => view.current?.focus(),
    }),
    [],
  );

  useEffect(() => {
    if (host.current === null) return;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: first.current.text,
        extensions: [
          // Before the usual keys, which have their own idea of Ctrl+Enter.
          keymap.of(
            ["Mod-s", "Mod-Enter"].map((key) => ({
              key,
              preventDefault: true,
              run: () => {
                const bound = keys.current.find((each) => each.key === key);
                bound?.run();
                return bound !== undefined;
              },
            })),
          ),
          basicSetup,
          EditorView.lineWrapping,
          lintGutter(),
          colours,
          look,
          EditorState.languageData.of(() => [{ autocomplete: completeStatement }]),
          readOnlyPart.of(readOnlyExtension(first.current.readOnly, first.current.label)),
          EditorView.updateListener.of((update) => {
            const byHand = update.transactions.some(
              (transaction) => transaction.docChanged && !transaction.isUserEvent(outside),
            );
            if (byHand) onChange.current(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => {
      view.current = null;
      editor.destroy();
    };
  }, []);

  useEffect(() => {
    view.current?.dispatch({ effects: readOnlyPart.reconfigure(readOnlyExtension(readOnly, label)) });
  }, [readOnly, label]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null || editor.state.doc.toString() === text) return;
    editor.dispatch({
      changes: { from: 0, to: editor.state.doc.length, insert: text },
      annotations: [Transaction.userEvent.of(outside)],
    });
  }, [text]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null) return;
    if (editor.state.doc.toString() !== text) return;
    editor.dispatch(setDiagnostics(editor.state, diagnosticsOf(editor.state, findings)));
    // A text that came from outside took the marks of the old one along.
  }, [findings, text]);

  return <div ref={host} style={{ height: "100%", minHeight: 0 }} data-testid="configuration-editor" />;
}

/** Changes that did not come from typing are not reported back. */
const outside = "outside";

const readOnlyPart = new Compartment();

function readOnlyExtension(readOnly: boolean, label: string): Extension {
  return [
    EditorState.readOnly.of(readOnly),
    EditorView.contentAttributes.of({
      "aria-label": label,
      "data-readonly": String(readOnly),
      spellcheck: "false",
      tabindex: "0",
    }),
  ];
}

function offsetOf(state: EditorState, line: number, column: number): number {
  const at = state.doc.line(Math.min(Math.max(1, line), state.doc.lines));
  return Math.min(at.from + Math.max(0, column - 1), at.to);
}

function diagnosticsOf(state: EditorState, findings: readonly Finding[]): Diagnostic[] {
  const text = state.doc.toString();
  return findings.flatMap((finding) => {
    const place = placeOf(finding, text);
    if (place === null || place.line > state.doc.lines) return [];
    const line = state.doc.line(place.line);
    const from = Math.min(line.from + place.column - 1, line.to);
    const rest = /^\S+/.exec(line.text.slice(from - line.from))?.[0].length ?? 0;
    const severity = finding.severity === "notice" ? ("info" as const) : finding.severity;
    return [{ from, to: place.exact ? from + rest : from, severity, message: finding.message, source: finding.rule }];
  });
}

interface CompletionAsk {
  readonly state: EditorState;
  readonly pos: number;
  readonly explicit: boolean;
}

/** What the schema offers at the cursor, in a text of statements. */
function completeStatement({ state, pos, explicit }: CompletionAsk) {
  if (state.readOnly) return null;
  const line = state.doc.lineAt(pos);
  const before = state.sliceDoc(line.from, pos);
  if (!explicit && before.trim() === "") return null;
  if (/[{};]/.test(before)) return null;
  const { tree } = parseConfiguration(state.doc.toString());
  const offered = completions(tree, before);
  const options = offered.suggestions.map((suggestion) => ({
    label: suggestion.text === "" ? "…" : suggestion.text,
    detail: suggestion.extension ? "extension" : undefined,
    info: suggestion.notInEffect === undefined ? suggestion.help : `${suggestion.help}. ${suggestion.notInEffect}`,
    type: suggestion.kind === "statement" || suggestion.kind === "verb" ? "keyword" : "constant",
    // A description of a value is shown, and nothing is inserted for it.
    apply: suggestion.text,
  }));
  return options.length === 0 ? null : { from: line.from + offered.from, options, filter: false };
}

const marks = {
  verb: Decoration.mark({ class: "cm-verb" }),
  danger: Decoration.mark({ class: "cm-danger" }),
  value: Decoration.mark({ class: "cm-value" }),
  comment: Decoration.mark({ class: "cm-comment" }),
};

/** Verbs, values and comments of the lines on show. */
const colours = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;

    constructor(editor: EditorView) {
      this.decorations = colour(editor);
    }

    update(update: ViewUpdate) {
      if (update.docChanged || update.viewportChanged) this.decorations = colour(update.view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

function colour(editor: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  for (const { from, to } of editor.visibleRanges) {
    for (let at = from; at <= to; ) {
      const line = editor.state.doc.lineAt(at);
      for (const match of line.text.matchAll(/#.*$|"[^"]*"|\S+/g)) {
        const mark = markOf(match[0], match.index === line.text.search(/\S/));
        if (mark !== null) builder.add(line.from + match.index, line.from + match.index + match[0].length, mark);
      }
      at = line.to + 1;
    }
  }
  return builder.finish();
}

function markOf(word: string, first: boolean): Decoration | null {
  if (word.startsWith("#")) return marks.comment;
  if (first && (word === "set" || word === "activate")) return marks.verb;
  if (first && (word === "delete" || word === "deactivate" || word === "inactive:")) return marks.danger;
  return /^["0-9]|[.:/][0-9a-f]/i.test(word) ? marks.value : null;
}

const look = EditorView.theme({
  "&": { height: "100%", fontSize: "0.8125rem", backgroundColor: "var(--lw-panel)", color: "var(--lw-ink)" },
  "&.cm-focused": { outline: "2px solid var(--lw-accent)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--mantine-font-family-monospace)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--lw-ink)" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--lw-ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--lw-accent-soft)",
  },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--lw-hover)" },
  ".cm-gutters": {
    backgroundColor: "var(--lw-sunken)",
    color: "var(--lw-ink-dim)",
    borderRight: "1px solid var(--lw-line)",
  },
  ".cm-verb": { color: "var(--lw-ink-dim)" },
  ".cm-danger": { color: "var(--lw-bad)" },
  ".cm-value": { color: "var(--lw-accent)" },
  ".cm-comment": { color: "var(--lw-ink-dim)", fontStyle: "italic" },
  ".cm-selectionMatch, .cm-searchMatch": { backgroundColor: "var(--lw-mark)" },
  ".cm-tooltip, .cm-panels": {
    backgroundColor: "var(--lw-raised)",
    color: "var(--lw-ink)",
    border: "1px solid var(--lw-line-strong)",
  },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    backgroundColor: "var(--lw-accent-soft)",
    color: "var(--lw-ink)",
  },
  // Its glyphs are in fonts that few machines have.
  ".cm-completionIcon": { display: "none" },
  ".cm-completionDetail": { color: "var(--lw-ink-dim)" },
  ".cm-textfield, .cm-button": {
    backgroundColor: "var(--lw-panel)",
    backgroundImage: "none",
    color: "var(--lw-ink)",
    border: "1px solid var(--lw-line-strong)",
  },
});
