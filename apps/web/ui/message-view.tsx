"use client";

import type { MessageField } from "@leasewire/api";
import { Text } from "@mantine/core";
import { type ReactNode, useMemo, useState } from "react";
import { fieldAt, hexLines, octetsOfHex } from "#lib/message-octets.ts";
import { CopyButton } from "#ui/copy.tsx";
import classes from "./message-view.module.css";

/**
 * A message field by field, beside its octets. Pointing at a field, or reaching it by keyboard, marks its octets;
 * pointing at an octet marks the field it belongs to.
 */
export function MessageView(props: {
  /** What is shown: “Options”, “Relay data”, “DHCPLEASEACTIVE”. */
  readonly label: string;
  readonly fields: readonly MessageField[];
  readonly hex: string;
}) {
  const octets = useMemo(() => octetsOfHex(props.hex), [props.hex]);
  const [marked, setMarked] = useState<MessageField | null>(null);
  if (octets.length === 0 && props.fields.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        None.
      </Text>
    );
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: leaving with the pointer only takes the mark away
    <div className={classes.root} data-testid="message-view" onMouseLeave={() => setMarked(null)}>
      <section className={classes.fields} aria-label={`${props.label}: fields`}>
        <FieldList fields={props.fields} marked={marked} onMark={setMarked} />
      </section>
      <section className={classes.octets} aria-label={`${props.label}: octets`}>
        <div className={classes.octetsHead}>
          <span>{octets.length} octets</span>
          <CopyButton value={octets.join("")} what={`${props.label} as hex`} />
        </div>
        <div className={classes.dump} data-testid="hex-dump">
          {hexLines(octets).map((line) => (
            <div key={line.offset} className={classes.line}>
              <span className={classes.offset}>{line.offset.toString(16).padStart(4, "0")}</span>
              <span className={classes.bytes}>
                {line.octets.map((octet, index) => {
                  const offset = line.offset + index;
                  return (
                    // biome-ignore lint/a11y/noStaticElementInteractions: pointing is a shortcut; the field list carries the same by keyboard
                    <span
                      key={offset}
                      className={classes.octet}
                      data-marked={covers(marked, offset) || undefined}
                      onMouseEnter={() => setMarked(fieldAt(props.fields, offset))}
                    >
                      {octet}
                    </span>
                  );
                })}
              </span>
              <span className={classes.ascii} aria-hidden>
                {line.ascii}
              </span>
            </div>
          ))}
        </div>
      </section>
    </div>
  );
}

function FieldList(props: {
  readonly fields: readonly MessageField[];
  readonly marked: MessageField | null;
  readonly onMark: (field: MessageField | null) => void;
}): ReactNode {
  return (
    <ul className={classes.list}>
      {props.fields.map((field) => (
        <li key={`${field.offset}/${field.length}/${field.name}`}>
          <button
            type="button"
            className={classes.field}
            data-marked={field === props.marked || undefined}
            onMouseEnter={() => props.onMark(field)}
            onFocus={() => props.onMark(field)}
            onClick={() => props.onMark(field)}
          >
            <span className={classes.name}>{field.name}</span>
            <span className={`mono ${classes.value}`}>{field.value}</span>
            <span className={classes.place}>
              @{field.offset} +{field.length}
            </span>
            {field.note !== undefined && <span className={classes.note}>{field.note}</span>}
          </button>
          {field.children !== undefined && field.children.length > 0 && (
            <FieldList fields={field.children} marked={props.marked} onMark={props.onMark} />
          )}
        </li>
      ))}
    </ul>
  );
}

function covers(field: MessageField | null, offset: number): boolean {
  return field !== null && offset >= field.offset && offset < field.offset + field.length;
}
