"use client";

import type { Finding } from "@leasewire/config";
import { Button, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleX, IconInfoCircle, IconPlus } from "@tabler/icons-react";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { placeOf, replacesStatement } from "./config-text.ts";
import classes from "./configuration.module.css";

const icons = { error: IconCircleX, warning: IconAlertTriangle, notice: IconInfoCircle };
const severityRank = { error: 0, warning: 1, notice: 2 };

/** What the check found: place, what is wrong, and the statement that mends it. */
export function FindingsList(props: {
  readonly findings: readonly Finding[] | null;
  readonly text: string;
  readonly readOnly: boolean;
  readonly onGoTo: (line: number, column: number) => void;
  readonly onRemedy: (finding: Finding) => void;
}) {
  const { findings, text } = props;
  if (findings === null) return <Loading label="Checking" />;
  if (findings.length === 0) {
    return (
      <Notice tone="good" title="The check finds nothing">
        This text can be committed as it is.
      </Notice>
    );
  }
  const ordered = [...findings].sort((a, b) => severityRank[a.severity] - severityRank[b.severity]);
  return (
    <ul className={classes.findings} data-testid="findings">
      {ordered.map((finding, index) => {
        const Icon = icons[finding.severity];
        const place = placeOf(finding, text);
        const { remedy } = finding;
        return (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: the list is made anew with each check
            key={index}
            className={classes.finding}
            data-severity={finding.severity}
            data-rule={finding.rule}
          >
            <div className={classes.findingHead}>
              <Icon size={14} aria-hidden className={classes.findingIcon} />
              <span className={classes.severity}>{finding.severity}</span>
              {place !== null && (
                <button
                  type="button"
                  className={classes.place}
                  onClick={() => props.onGoTo(place.line, place.column)}
                  title="Show it in the text"
                >
                  {place.exact ? "" : "near "}
                  {place.line}:{place.column}
                </button>
              )}
            </div>
            {finding.path !== "" && <code className={classes.path}>[edit {finding.path}]</code>}
            <div>{finding.message}</div>
            {finding.statement !== undefined && <code className={classes.statement}>{finding.statement}</code>}
            {remedy !== undefined && (
              <div className={classes.remedy}>
                <code className={classes.statement}>{remedy}</code>
                {!props.readOnly && /^(set|delete|activate|deactivate) /.test(remedy) && (
                  <Button
                    variant="default"
                    size="compact-xs"
                    leftSection={<IconPlus size={12} />}
                    onClick={() => props.onRemedy(finding)}
                    aria-label={`${remedyLabel(remedy, replacesStatement(text, finding))}: ${remedy}`}
                  >
                    {remedyLabel(remedy, replacesStatement(text, finding))}
                  </Button>
                )}
              </div>
            )}
          </li>
        );
      })}
      <Text component="li" size="xs" c="dimmed" className={classes.findingsFoot}>
        F8 goes from one finding in the text to the next.
      </Text>
    </ul>
  );
}

function remedyLabel(remedy: string, replaces: boolean): string {
  if (replaces) return "Use this statement instead";
  return remedy.startsWith("set ") ? "Add this statement" : "Enter this statement";
}
