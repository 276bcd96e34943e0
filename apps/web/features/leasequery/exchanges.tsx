"use client";

import type { LeasequeryExchange, LeasequeryRunDetail } from "@leasewire/api";
import { Text } from "@mantine/core";
import { IconArrowLeft, IconArrowRight } from "@tabler/icons-react";
import { type KeyboardEvent, useRef } from "react";
import { formatClockMs, formatMilliseconds } from "#lib/format.ts";
import { MessageView } from "#ui/message-view.tsx";
import { Notice } from "#ui/notice.tsx";
import { Panel } from "#ui/page.tsx";
import classes from "./leasequery.module.css";

/** The messages of a run in order of time, and the chosen one field by field beside its octets. */
export function Exchanges(props: {
  readonly run: LeasequeryRunDetail;
  readonly selected: number | null;
  readonly onSelect: (index: number | null) => void;
}) {
  const { exchanges, startedAtMs } = props.run;
  const list = useRef<HTMLDivElement>(null);
  const index = props.selected !== null && props.selected < exchanges.length ? props.selected : lastReceived(exchanges);
  const chosen = exchanges[index];

  const step = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const next = Math.min(exchanges.length - 1, Math.max(0, index + by));
    props.onSelect(next);
    list.current?.querySelectorAll<HTMLElement>("button")[next]?.focus();
  };

  return (
    <Panel title={`Messages (${exchanges.length})`} labelledBy="run-messages" flush>
      {exchanges.length === 0 ? (
        <Text size="sm" c="dimmed" p="sm">
          No message was sent or received yet.
        </Text>
      ) : (
        <div className={classes.exchanges}>
          {/* biome-ignore lint/a11y/noStaticElementInteractions: arrow keys move between the buttons inside */}
          <div className={classes.messages} ref={list} onKeyDown={step} data-testid="exchanges">
            {exchanges.map((exchange, i) => (
              <button
                // biome-ignore lint/suspicious/noArrayIndexKey: messages are only ever added at the end
                key={i}
                type="button"
                className={classes.message}
                aria-pressed={i === index}
                data-testid="exchange"
                data-dropped={exchange.dropReason ?? undefined}
                onClick={() => props.onSelect(i)}
              >
                <ExchangeLine exchange={exchange} startedAtMs={startedAtMs} />
              </button>
            ))}
          </div>
          {chosen !== undefined && (
            <section className={classes.decoded} aria-label="Chosen message">
              <Text size="sm" fw={600}>
                {chosen.message} {chosen.direction === "sent" ? "to" : "from"}{" "}
                <span className="mono">{chosen.peer}</span>
              </Text>
              <Text size="xs" c="dimmed">
                Transaction <span className="mono">{chosen.xid}</span>, {chosen.instance}
              </Text>
              {chosen.dropReason !== null && (
                <Notice tone="warn" title={`Dropped: ${chosen.dropReason}`}>
                  {chosen.dropExplanation}
                </Notice>
              )}
              <div className={classes.octetsBeside}>
                <MessageView label={chosen.message} fields={chosen.fields} hex={chosen.hex} />
              </div>
            </section>
          )}
        </div>
      )}
    </Panel>
  );
}

function ExchangeLine(props: { readonly exchange: LeasequeryExchange; readonly startedAtMs: number }) {
  const { exchange } = props;
  const sent = exchange.direction === "sent";
  const Arrow = sent ? IconArrowRight : IconArrowLeft;
  return (
    <>
      <span className={`mono ${classes.messageTime}`} title={`${formatClockMs(exchange.atMs)} UTC`}>
        +{formatMilliseconds(Math.max(0, exchange.atMs - props.startedAtMs))}
      </span>
      <span className={classes.direction} data-direction={exchange.direction}>
        <Arrow size={13} aria-hidden />
        {sent ? "sent" : "received"}
      </span>
      <span className={classes.messageName}>{exchange.message}</span>
      <span className={`mono ${classes.messagePeer}`}>{exchange.peer}</span>
      {exchange.dropReason !== null && <span className={classes.dropped}>dropped: {exchange.dropReason}</span>}
    </>
  );
}

/** What is of most interest while nothing is chosen: the newest answer, or the first message. */
function lastReceived(exchanges: readonly LeasequeryExchange[]): number {
  return Math.max(
    0,
    exchanges.findLastIndex((exchange) => exchange.direction === "received"),
  );
}
