import type { Pool } from "@leasewire/api";
import { renderTable } from "./table.ts";

export function renderPools(pools: readonly Pool[]): string {
  if (pools.length === 0) return "No address pool is configured: set access address-assignment pool …\n";
  return renderTable<Pool>(
    [
      { title: "Pool", value: (pool) => pool.name },
      { title: "Instance", value: (pool) => pool.instance },
      { title: "Network", value: (pool) => pool.prefix },
      { title: "Total", value: (pool) => pool.total, align: "right" },
      { title: "Active", value: (pool) => pool.active, align: "right" },
      { title: "Offered", value: (pool) => pool.offered, align: "right" },
      { title: "Declined", value: (pool) => pool.declined, align: "right" },
      { title: "Reserved", value: (pool) => pool.reserved, align: "right" },
      { title: "Free", value: (pool) => pool.free, align: "right" },
      { title: "Used", value: (pool) => `${pool.usedPercent.toFixed(1)}%`, align: "right" },
      { title: "State", value: (pool) => poolStateText[pool.state] },
    ],
    pools,
  );
}

const poolStateText: Readonly<Record<Pool["state"], string>> = {
  plenty: "plenty",
  "nearly-empty": "nearly empty",
  empty: "empty",
  disabled: "no server",
};
