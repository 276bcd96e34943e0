"use client";

import type { Counter } from "@leasewire/api";
import { Table, Text } from "@mantine/core";
import { formatCount } from "#lib/format.ts";
import { Panel } from "#ui/page.tsx";
import { formatRate, rateOf, type Sample } from "./rates.ts";
import classes from "./statistics.module.css";

/** Counters with their values, how fast they rise, and what they count. */
export function CounterTable(props: {
  readonly id: string;
  readonly title: string;
  readonly nameTitle: string;
  readonly counters: readonly Counter[];
  readonly total?: number;
  readonly none: string;
  readonly samples: readonly Sample[];
}) {
  const { id, samples } = props;
  return (
    <Panel title={props.title} labelledBy={id} flush>
      {props.counters.length === 0 && props.total === undefined ? (
        <Text size="sm" c="dimmed" p="sm">
          {props.none}
        </Text>
      ) : (
        <Table.ScrollContainer minWidth={420}>
          <Table aria-labelledby={id} data-testid={id}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{props.nameTitle}</Table.Th>
                <Table.Th className={`num ${classes.number}`}>Count</Table.Th>
                <Table.Th className={`num ${classes.number}`}>Per second</Table.Th>
                <Table.Th>Meaning</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {props.total !== undefined && (
                <Table.Tr className={classes.total}>
                  <Table.Td>Total</Table.Td>
                  <Table.Td className="num">{formatCount(props.total)}</Table.Td>
                  <Table.Td className="num">{formatRate(rateOf(samples, `${id} total`))}</Table.Td>
                  <Table.Td>{props.counters.length === 0 ? props.none : ""}</Table.Td>
                </Table.Tr>
              )}
              {props.counters.map((counter) => (
                <Table.Tr key={counter.name} data-counter={counter.name}>
                  <Table.Td className="mono">{counter.name}</Table.Td>
                  <Table.Td className="num">{formatCount(counter.value)}</Table.Td>
                  <Table.Td className="num">{formatRate(rateOf(samples, `${id} ${counter.name}`))}</Table.Td>
                  <Table.Td className={classes.meaning}>
                    {counter.explanation === counter.name ? "" : counter.explanation}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Panel>
  );
}
