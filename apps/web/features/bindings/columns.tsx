import type { BindingRow, DhcpStateName } from "@leasewire/api";
import type { ColDef, ICellRendererParams, ValueFormatterParams } from "ag-grid-community";
import { formatCount, formatTime, nothing } from "#lib/format.ts";
import { StateBadge } from "#ui/state-badge.tsx";
import { TimeLeft } from "#ui/time.tsx";
import { type ColumnId, columnIds, columnNames, sortableColumnIds } from "./column-ids.ts";

/** A row of the table; `removed` marks one whose binding is gone while it was on show. */
export type TableRow = BindingRow & { readonly removed?: true };

type Cell = ICellRendererParams<TableRow>;

function StateCell({ data }: Cell) {
  if (data === undefined) return null;
  return <StateBadge state={data.removed ? "REMOVED" : data.state} />;
}

function TimeLeftCell({ data }: Cell) {
  return data === undefined ? null : <TimeLeft expiresAt={data.expiresAt} />;
}

function StoredCell({ data }: Cell) {
  if (data === undefined) return null;
  return data.stored ? <span className="lw-stored">stored</span> : <span className="lw-storing">storing…</span>;
}

const time = {
  cellClass: "mono",
  valueFormatter: ({ data, value }: ValueFormatterParams) => (data === undefined ? "" : formatTime(value)),
};
const identifier = {
  cellClass: "mono",
  // A row that is still being fetched stays blank; a dash says that there is nothing.
  valueFormatter: ({ data, value }: ValueFormatterParams) => (data === undefined ? "" : (value ?? nothing)),
  tooltipValueGetter: ({ value }: { readonly value?: unknown }) => value,
};

const particular: Readonly<Record<ColumnId, ColDef<TableRow>>> = {
  address: { ...identifier, width: 172, minWidth: 120, pinned: "left" },
  state: { width: 142, cellRenderer: StateCell, valueGetter: ({ data }) => stateOf(data) },
  hardwareAddress: { ...identifier, width: 156 },
  clientId: { ...identifier, minWidth: 190, flex: 2 },
  hostName: { ...identifier, minWidth: 110, flex: 1 },
  iaid: { ...identifier, width: 104, type: "rightAligned" },
  expiresAt: { width: 118, cellRenderer: TimeLeftCell, type: "rightAligned" },
  interfaceName: { ...identifier, width: 130 },
  circuitId: { ...identifier, minWidth: 120, flex: 1 },
  remoteId: { ...identifier, minWidth: 110, flex: 1 },
  relayId: { ...identifier, width: 170 },
  linkAddress: { ...identifier, width: 130 },
  serverAddress: { ...identifier, width: 130 },
  origin: { width: 100 },
  instance: { ...identifier, width: 140 },
  clientLastTransactionTime: { ...time, width: 164 },
  startTimeOfState: { ...time, width: 164 },
  lastChange: {
    field: "sequence",
    width: 110,
    type: "rightAligned",
    cellClass: "mono",
    valueFormatter: ({ value }) => (value === undefined ? "" : formatCount(value)),
  },
  stored: { width: 84, pinned: "right", cellRenderer: StoredCell },
};

const headerTooltips: Partial<Record<ColumnId, string>> = {
  lastChange: "Position of the last change in the change log: newest first puts the last change on top.",
  stored: "Stored: the last change is in the database and survives a restart.",
  hostName: "What the client calls itself: host name or FQDN option.",
  expiresAt: "What is left of the lease, counting down.",
};

const sortable: ReadonlySet<string> = new Set(sortableColumnIds);

/** The columns of the table; `flash` marks changed cells for a moment. */
export function bindingColumnDefs(shown: readonly ColumnId[], flash: boolean): ColDef<TableRow>[] {
  return columnIds.map((id) => ({
    field: id === "lastChange" ? "sequence" : id,
    ...particular[id],
    colId: id,
    headerName: columnNames[id],
    headerTooltip: headerTooltips[id],
    sortable: sortable.has(id),
    hide: !shown.includes(id),
    enableCellChangeFlash: flash,
    suppressMovable: true,
  }));
}

function stateOf(row: TableRow | undefined): DhcpStateName | "REMOVED" | undefined {
  return row?.removed ? "REMOVED" : row?.state;
}
