"use client";

import type { BindingFilter, BindingRow, BindingsChanged, Family } from "@leasewire/api";
import { useReducedMotion } from "@mantine/hooks";
import {
  CellStyleModule,
  ColumnApiModule,
  EventApiModule,
  type GridApi,
  HighlightChangesModule,
  type IGetRowsParams,
  InfiniteRowModelModule,
  ModuleRegistry,
  RenderApiModule,
  RowApiModule,
  RowStyleModule,
  ScrollApiModule,
  type SortModelItem,
  TooltipModule,
  themeQuartz,
} from "ag-grid-community";
import { AgGridReact } from "ag-grid-react";
import { type Ref, useCallback, useEffect, useImperativeHandle, useMemo, useRef, useState } from "react";
import { useLiveEvent, useWatch } from "#lib/live.tsx";
import { useThrottled } from "#lib/throttle.ts";
import { useTRPCClient } from "#lib/trpc.tsx";
import classes from "./bindings-grid.module.css";
import type { ColumnId } from "./column-ids.ts";
import { bindingColumnDefs, type TableRow } from "./columns.tsx";
import { blockRows, mergeBatch, showsAtOnce } from "./live-merge.ts";
import { type BindingsUrl, mayMatch, toSort } from "./url-state.ts";

ModuleRegistry.registerModules([
  InfiniteRowModelModule,
  RowApiModule,
  ColumnApiModule,
  ScrollApiModule,
  EventApiModule,
  RenderApiModule,
  HighlightChangesModule,
  CellStyleModule,
  RowStyleModule,
  TooltipModule,
]);

/** Colours come from the page's variables, so that the table follows its theme without being told. */
const theme = themeQuartz.withParams({
  fontFamily: "inherit",
  fontSize: 12.5,
  backgroundColor: "var(--lw-panel)",
  foregroundColor: "var(--lw-ink)",
  headerBackgroundColor: "var(--lw-sunken)",
  headerTextColor: "var(--lw-ink-dim)",
  headerFontWeight: 600,
  headerHeight: 30,
  borderColor: "var(--lw-line)",
  rowHoverColor: "var(--lw-hover)",
  oddRowBackgroundColor: "var(--lw-panel)",
  accentColor: "var(--lw-accent)",
  valueChangeValueHighlightBackgroundColor: "var(--lw-flash)",
  cellHorizontalPadding: 10,
  wrapperBorder: false,
  wrapperBorderRadius: 0,
});

const rowHeights = { compact: 26, roomy: 34 };
/** Blocks of rows kept in memory: 50 screens or so, however long the list is. */
const blocksMax = 60;
/** How often a short list takes in new bindings by itself. */
const takeInPeriodMs = 300;
/** How often missed changes make the list fetch again. */
const refetchPeriodMs = 1_000;

/** What the page is told about the list. */
export interface ListStatus {
  /** null until the first answer. */
  readonly total: number | null;
  readonly error: unknown;
  /** Bindings that wait to be shown. */
  readonly waiting: number;
  /** Every row of the list is loaded, so an unknown binding is a new one. */
  readonly allLoaded: boolean;
}

export interface GridHandle {
  /** Fetches a new order, from the top. */
  showNew(): void;
}

interface BindingsGridProps {
  readonly ref?: Ref<GridHandle>;
  readonly family: Family;
  readonly filter: BindingFilter;
  readonly sort: Pick<BindingsUrl, "sort" | "dir">;
  readonly columns: readonly ColumnId[];
  readonly roomy: boolean;
  readonly openId: string | null;
  readonly onOpen: (id: string) => void;
  readonly onSort: (sort: Pick<BindingsUrl, "sort" | "dir">) => void;
  readonly onStatus: (status: ListStatus) => void;
}

/**
 * The large table: fetches blocks of rows while one scrolls, in an order the backend keeps (`view`), and takes live
 * changes into the rows it holds. Mounted anew (`key`) for another family or filter.
 */
export default function BindingsGrid(props: BindingsGridProps) {
  const { family, filter } = props;
  const client = useTRPCClient();
  const reducedMotion = useReducedMotion();
  const [api, setApi] = useState<GridApi<TableRow> | null>(null);
  const view = useRef<string | undefined>(undefined);
  const orderOfView = useRef("");
  const known = useRef(0);
  const waiting = useRef(new Set<string>());
  const status = useRef<ListStatus>({ total: null, error: null, waiting: 0, allLoaded: false });
  const onStatus = useRef(props.onStatus);
  onStatus.current = props.onStatus;

  const report = useCallback((change: Partial<ListStatus>) => {
    status.current = { ...status.current, ...change };
    onStatus.current(status.current);
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the grid is mounted anew for another filter
  const source = useMemo(
    () => ({
      async getRows(params: IGetRowsParams<TableRow>) {
        const order = orderOf(params.sortModel);
        const key = JSON.stringify(order);
        if (key !== orderOfView.current) {
          view.current = undefined;
          orderOfView.current = key;
        }
        const asked = view.current;
        try {
          const page = await client.bindings.list.query({
            family,
            filter,
            sort: order,
            offset: params.startRow,
            limit: params.endRow - params.startRow,
            view: asked,
          });
          if (asked === undefined) {
            // A new order: what waited is in it.
            waiting.current.clear();
            known.current = page.sequence;
          }
          view.current = page.view;
          params.successCallback([...page.rows], page.total);
          report({
            total: page.total,
            error: null,
            waiting: waiting.current.size,
            allLoaded: page.total <= blockRows,
          });
          // The backend no longer had the order of the other blocks: they belong to another list now.
          if (asked !== undefined && page.view !== asked) params.context.refresh();
        } catch (error) {
          params.failCallback();
          report({ error });
        }
      },
    }),
    [],
  );

  const context = useMemo(
    () => ({ refresh: () => queueMicrotask(() => api !== null && !api.isDestroyed() && api.refreshInfiniteCache()) }),
    [api],
  );

  /** Everything loaded again, each row in its place. */
  const refetch = useThrottled(() => {
    if (api !== null && !api.isDestroyed()) api.refreshInfiniteCache();
  }, refetchPeriodMs);
  const takeIn = useThrottled(() => {
    view.current = undefined;
    if (api !== null && !api.isDestroyed()) api.refreshInfiniteCache();
  }, takeInPeriodMs);

  useImperativeHandle(
    props.ref,
    () => ({
      showNew() {
        view.current = undefined;
        if (api === null || api.isDestroyed()) return;
        if (api.getDisplayedRowCount() > 0) api.ensureIndexVisible(0, "top");
        api.purgeInfiniteCache();
      },
    }),
    [api],
  );

  const room = family === 4 ? "bindings4" : "bindings6";
  // Changes between the first fetch and joining, or while the connection was down, are not in any batch.
  useWatch(room, () => {
    if (status.current.total !== null || status.current.error !== null) refetch();
  });

  useLiveEvent("bindings", (batch: BindingsChanged) => {
    if (batch.family !== family || api === null || api.isDestroyed() || status.current.total === null) return;
    const merge = mergeBatch(
      {
        sequence: known.current,
        loaded: (id) => api.getRowNode(id)?.data?.sequence,
        mayMatch: (row) => mayMatch(row, filter),
      },
      batch,
    );
    if (merge.kind === "ignored") return;
    known.current = merge.sequence;
    if (merge.kind === "refetch") return refetch();
    for (const row of merge.updates) api.getRowNode(row.id)?.updateData(row);
    for (const id of merge.removals) {
      const node = api.getRowNode(id);
      if (node?.data) node.updateData({ ...node.data, removed: true });
    }
    if (merge.removals.length > 0) report({ total: Math.max(0, status.current.total - merge.removals.length) });
    if (merge.outside.length === 0) return;
    for (const id of merge.outside) waiting.current.add(id);
    const order = orderOf(sortModelOf(api));
    const atOnce = showsAtOnce({
      total: status.current.total,
      newestFirst: order.column === "lastChange" && order.direction === "desc",
      atTop: (api.getVerticalPixelRange()?.top ?? 0) <= 0,
      arriving: waiting.current.size,
    });
    if (atOnce) takeIn();
    else report({ waiting: waiting.current.size });
  });

  useLiveEvent("bindingsOverflow", (notice) => {
    if (notice.family !== family || notice.toSequence <= known.current) return;
    known.current = notice.toSequence;
    refetch();
  });

  useLiveEvent("durable", (mark) => {
    if (mark.family !== family || api === null || api.isDestroyed()) return;
    api.forEachNode((node) => {
      const row: BindingRow | undefined = node.data;
      if (row && !row.stored && row.sequence <= mark.sequence) node.updateData({ ...row, stored: true });
    });
  });

  // The URL may be changed by others than the table: "back", a link.
  const { sort, dir } = props.sort;
  useEffect(() => {
    if (api === null || api.isDestroyed()) return;
    const shown = sortModelOf(api)[0];
    if (shown?.colId === (sort ?? undefined) && (shown === undefined || shown.sort === dir)) return;
    api.applyColumnState({ state: sort === null ? [] : [{ colId: sort, sort: dir }], defaultState: { sort: null } });
  }, [api, sort, dir]);

  // Only the two rows concerned are drawn anew: redrawing all would take the keyboard's place in the table away.
  const { openId } = props;
  const markedId = useRef(openId);
  useEffect(() => {
    const before = markedId.current;
    markedId.current = openId;
    if (api === null || api.isDestroyed()) return;
    for (const id of new Set([before, openId])) {
      const node = id === null ? undefined : api.getRowNode(id);
      if (node?.data) node.updateData(node.data);
    }
  }, [api, openId]);

  const shownColumns = props.columns.join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list of names stands for the array, which is new each time
  const columnDefs = useMemo(
    () => bindingColumnDefs(props.columns, reducedMotion !== true),
    [shownColumns, reducedMotion],
  );

  return (
    <div className={classes.grid} data-testid="bindings-grid">
      <AgGridReact<TableRow>
        theme={theme}
        rowModelType="infinite"
        datasource={source}
        context={context}
        cacheBlockSize={blockRows}
        maxBlocksInCache={blocksMax}
        maxConcurrentDatasourceRequests={1}
        blockLoadDebounceMillis={40}
        infiniteInitialRowCount={1}
        getRowId={({ data }) => data.id}
        columnDefs={columnDefs}
        rowHeight={props.roomy ? rowHeights.roomy : rowHeights.compact}
        rowClassRules={{
          [classes.open ?? "open"]: ({ data }) => data !== undefined && data.id === markedId.current,
          [classes.removed ?? "removed"]: ({ data }) => data?.removed === true,
        }}
        animateRows={false}
        suppressNoRowsOverlay
        suppressCellFocus={false}
        enableCellTextSelection={false}
        tooltipShowDelay={400}
        tooltipShowMode="whenTruncated"
        cellFlashDuration={900}
        cellFadeDuration={600}
        // Tab leaves the table; arrows move inside it.
        tabToNextCell={() => false}
        tabToNextHeader={() => false}
        onGridReady={(event) => {
          event.api.setGridAriaProperty("label", `DHCPv${family} bindings`);
          if (sort !== null) event.api.applyColumnState({ state: [{ colId: sort, sort: dir }] });
          setApi(event.api);
        }}
        onSortChanged={(event) => {
          if (event.source !== "uiColumnSorted") return;
          const [chosen] = sortModelOf(event.api);
          props.onSort(
            chosen === undefined
              ? { sort: null, dir: "asc" }
              : { sort: chosen.colId as BindingsUrl["sort"], dir: chosen.sort },
          );
        }}
        onRowClicked={({ data }) => data !== undefined && props.onOpen(data.id)}
        onCellKeyDown={({ data, event }) => {
          if (data !== undefined && event instanceof KeyboardEvent && event.key === "Enter") props.onOpen(data.id);
        }}
      />
    </div>
  );
}

function sortModelOf(api: GridApi): { colId: string; sort: "asc" | "desc" }[] {
  return api
    .getColumnState()
    .filter((column) => column.sort === "asc" || column.sort === "desc")
    .map((column) => ({ colId: column.colId, sort: column.sort as "asc" | "desc" }));
}

function orderOf(model: readonly Pick<SortModelItem, "colId" | "sort">[]) {
  const [first] = model;
  return toSort({ sort: (first?.colId ?? null) as BindingsUrl["sort"], dir: first?.sort ?? "asc" });
}
