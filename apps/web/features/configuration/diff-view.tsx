import { Text } from "@mantine/core";
import classes from "./configuration.module.css";

/** A difference as Junos shows it: `[edit …]`, then lines with `+`, `-` and `!`. */
export function DiffView({ diff, label }: { readonly diff: string; readonly label: string }) {
  if (diff === "") {
    return (
      <Text size="sm" c="dimmed" p="sm" data-testid="diff-empty">
        No difference.
      </Text>
    );
  }
  return (
    <section className={classes.diff} aria-label={label} data-testid="diff">
      {diff
        .replace(/\n$/, "")
        .split("\n")
        .map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
          <div key={index} className={classes.diffLine} data-kind={kindOf(line)}>
            {line === "" ? " " : line}
          </div>
        ))}
    </section>
  );
}

function kindOf(line: string): string {
  switch (line[0]) {
    case "+":
      return "added";
    case "-":
      return "removed";
    case "!":
      return "toggled";
    case "[":
      return "place";
    default:
      return "same";
  }
}
