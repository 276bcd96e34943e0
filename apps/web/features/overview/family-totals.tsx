"use client";

import type { BindingSummary, Family } from "@leasewire/api";
import { Anchor, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import Link from "next/link";
import { formatCount } from "#lib/format.ts";
import { paths } from "#lib/paths.ts";
import { Loading } from "#ui/loading.tsx";
import { ErrorNotice } from "#ui/notice.tsx";
import { Panel } from "#ui/page.tsx";
import { StateBadge } from "#ui/state-badge.tsx";
import { stateMeanings, stateNames } from "#ui/state-names.ts";
import classes from "./overview-page.module.css";

/** Bindings of one family by state and by instance; each number leads to its rows. */
export function FamilyTotals(props: {
  readonly family: Family;
  readonly totals: UseQueryResult<BindingSummary, unknown>;
}) {
  const { family, totals } = props;
  return (
    <Panel
      title={`DHCPv${family} bindings`}
      labelledBy={`totals-${family}`}
      actions={
        totals.data && (
          <Anchor component={Link} href={paths.bindings({ family })} className={classes.total}>
            {formatCount(totals.data.total)} in all
          </Anchor>
        )
      }
    >
      {totals.isPending && <Loading label="Counting" />}
      {totals.isError && <ErrorNotice error={totals.error} onRetry={() => void totals.refetch()} />}
      {totals.data && <Counts family={family} summary={totals.data} />}
    </Panel>
  );
}

function Counts({ family, summary }: { readonly family: Family; readonly summary: BindingSummary }) {
  const instances = Object.entries(summary.byInstance).sort(([, a], [, b]) => b - a);
  return (
    <div className={classes.counts}>
      <table className={classes.countTable} aria-label={`DHCPv${family} bindings by state`}>
        <tbody>
          {stateNames.map((state) => {
            const count = summary.byState[state] ?? 0;
            return (
              <tr key={state}>
                <th scope="row" title={stateMeanings[state]}>
                  <StateBadge state={state} />
                </th>
                <td className="num">
                  {count === 0 ? (
                    <Text span inherit c="dimmed">
                      0
                    </Text>
                  ) : (
                    <Link
                      href={paths.bindings({ family, states: [state] })}
                      aria-label={`${formatCount(count)} ${state}`}
                    >
                      {formatCount(count)}
                    </Link>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {instances.length > 0 && (
        <table className={classes.countTable} aria-label={`DHCPv${family} bindings by instance`}>
          <tbody>
            {instances.map(([instance, count]) => (
              <tr key={instance}>
                <th scope="row" className="mono">
                  {instance}
                </th>
                <td className="num">
                  <Link href={paths.bindings({ family, instance })} aria-label={`${formatCount(count)} in ${instance}`}>
                    {formatCount(count)}
                  </Link>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
