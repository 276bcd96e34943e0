"use client";

import { Anchor, Button } from "@mantine/core";
import { IconFileImport, IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useQueryStates } from "nuqs";
import { useRef, useState } from "react";
import { describeError } from "#lib/errors.ts";
import { formatCountOf } from "#lib/format.ts";
import { useShortcut } from "#lib/page-shortcuts.ts";
import { paths } from "#lib/paths.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { Loading } from "#ui/loading.tsx";
import { ErrorNotice } from "#ui/notice.tsx";
import { Page } from "#ui/page.tsx";
import { PageHeader } from "#ui/page-header.tsx";
import { BindingDrawer } from "./binding-drawer.tsx";
import { BindingsFilters, type ChangeUrl } from "./bindings-filters.tsx";
import type { GridHandle, ListStatus } from "./bindings-grid.tsx";
import classes from "./bindings-page.module.css";
import { arrivalsText } from "./live-merge.ts";
import { type BindingsUrl, bindingsUrl, filterCount, noFilters, shownColumns, toFilter } from "./url-state.ts";

const BindingsGrid = dynamic(() => import("./bindings-grid.tsx"), {
  ssr: false,
  loading: () => <Loading label="Opening the table" />,
});

const unknown: ListStatus = { total: null, error: null, waiting: 0, allLoaded: true };

export function BindingsPage() {
  const trpc = useTRPC();
  const [url, setUrl] = useQueryStates(bindingsUrl, { history: "replace" });
  const [reload, setReload] = useState(0);
  const [reported, setReported] = useState<{ readonly list: string; readonly status: ListStatus } | null>(null);
  const grid = useRef<GridHandle>(null);
  const instances = Object.keys(
    useQuery(trpc.bindings.summary.queryOptions({ family: url.family })).data?.byInstance ?? {},
  );

  const change: ChangeUrl = (values) => void setUrl(values);
  const filter = toFilter(url);
  const list = JSON.stringify([url.family, filter, reload]);
  const status = reported?.list === list ? reported.status : unknown;
  const showNew = () => grid.current?.showNew();
  const fetchAgain = () => setReload((count) => count + 1);
  // Opening a binding is a step one may want to take back with "back".
  const open = (id: string) => void setUrl({ id }, { history: "push" });

  useShortcut({ key: "n", does: "Show the new bindings that wait above the list", run: showNew });
  useShortcut({ key: "r", does: "Fetch the list again", run: fetchAgain });
  useShortcut({ keys: ["↑", "↓"], does: "Move in the list" });
  useShortcut({ keys: ["Enter"], does: "Open the binding under the cursor" });

  const problem = status.error === null ? undefined : describeError(status.error);
  return (
    <Page fill>
      <PageHeader
        title="Bindings"
        description={
          <span role="status" data-testid="bindings-count">
            {status.total === null ? "Counting…" : countText(status.total, url)}
          </span>
        }
        actions={
          <>
            <Button
              component={Link}
              href={paths.importBindings()}
              variant="default"
              leftSection={<IconFileImport size={14} />}
            >
              Import
            </Button>
            <Button variant="default" leftSection={<IconRefresh size={14} />} onClick={fetchAgain}>
              Fetch again
            </Button>
          </>
        }
      />
      <BindingsFilters url={url} change={change} instances={instances} refused={problem} />
      {status.error !== null && (
        <ErrorNotice title="The bindings could not be fetched" error={status.error} onRetry={fetchAgain} />
      )}
      <div className={classes.table}>
        {status.waiting > 0 && (
          <div className={classes.arrivals} role="status" data-testid="new-bindings">
            <span>{arrivalsText(status.waiting, status.allLoaded)}</span>
            <Button size="compact-xs" variant="default" onClick={showNew}>
              Show (n)
            </Button>
          </div>
        )}
        <div className={classes.rows}>
          <BindingsGrid
            key={list}
            ref={grid}
            family={url.family}
            filter={filter}
            sort={{ sort: url.sort, dir: url.dir }}
            columns={shownColumns(url)}
            roomy={url.roomy}
            openId={url.id}
            onOpen={open}
            onSort={(sort) => void setUrl(sort.sort === null ? { sort: null, dir: null } : sort)}
            onStatus={(next) => setReported({ list, status: next })}
          />
          {status.total === 0 && (
            <div className={classes.empty}>
              <NoRows url={url} onClear={() => change(noFilters)} />
            </div>
          )}
        </div>
      </div>
      <BindingDrawer id={url.id} onClose={() => void setUrl({ id: null })} />
    </Page>
  );
}

function countText(total: number, url: BindingsUrl): string {
  const filters = filterCount(url);
  const of = url.role === null ? "" : ` of the ${url.role === "server" ? "local servers" : "relays"}`;
  const what = `${formatCountOf(total, `DHCPv${url.family} binding`)}${of}`;
  return filters === 0 ? what : `${what} under ${formatCountOf(filters, "filter")}`;
}

function NoRows({ url, onClear }: { readonly url: BindingsUrl; readonly onClear: () => void }) {
  if (filterCount(url) > 0) {
    return (
      <EmptyState
        title="No binding passes these filters"
        action={
          <Button variant="default" onClick={onClear}>
            Show every binding
          </Button>
        }
      >
        Take filters away, or{" "}
        <Anchor component={Link} href={paths.leasequery({ family: url.family })} underline="always">
          ask the servers by leasequery
        </Anchor>
        : what they answer appears here by itself.
      </EmptyState>
    );
  }
  if (url.role === "server") {
    return (
      <EmptyState
        title={`The local servers hold no DHCPv${url.family} lease yet`}
        action={
          <>
            <Button component={Link} href={paths.pools({ family: url.family })}>
              Look at the pools
            </Button>
            <Button component={Link} href={paths.importBindings()} variant="default">
              Import leases
            </Button>
          </>
        }
      >
        Leases appear here by themselves as clients get their addresses. Leases of another server can be taken over from
        its file.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title={`No DHCPv${url.family} bindings yet`}
      action={
        <Button component={Link} href={paths.leasequery({ family: url.family })}>
          Run a leasequery
        </Button>
      }
    >
      Bindings come from the answers of DHCP servers. Ask for an address, a MAC or a client: what is found appears here
      by itself.
    </EmptyState>
  );
}
