import type { PoolCounts } from "@leasewire/api";
import { formatLargeCount, formatPercent } from "#lib/format.ts";
import classes from "./pools.module.css";

const parts = [
  { name: "active", label: "active" },
  { name: "offered", label: "offered" },
  { name: "reserved", label: "reserved" },
  { name: "declined", label: "declined" },
] as const;

/** How a pool is divided, as a bar and in numbers. */
export function UsageBar({
  pool,
  name,
}: {
  readonly pool: PoolCounts & { usedPercent: number };
  readonly name: string;
}) {
  const used = pool.total - pool.free;
  return (
    <div className={classes.usage}>
      {/* biome-ignore lint/a11y/useSemanticElements: a native meter has one part, this one has four */}
      <div
        className={classes.bar}
        role="meter"
        aria-label={`${name}: in use`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(pool.usedPercent * 10) / 10}
        aria-valuetext={`${formatLargeCount(used)} of ${formatLargeCount(pool.total)}, ${formatPercent(pool.usedPercent)}`}
      >
        {parts.map((part) => {
          const share = pool.total === 0 ? 0 : (pool[part.name] * 100) / pool.total;
          // A handful among millions still shows.
          return share === 0 ? null : (
            <span key={part.name} data-part={part.name} style={{ width: `${share}%`, minWidth: 2 }} />
          );
        })}
      </div>
      <div className={classes.usageNumbers}>
        <span>
          {formatLargeCount(used)} of {formatLargeCount(pool.total)}
        </span>
        <span>{formatPercent(pool.usedPercent)}</span>
      </div>
    </div>
  );
}

/** What became of the addresses that are not free, in words; nothing where all are simply active. */
export function heldText(pool: PoolCounts): string {
  return parts
    .filter((part) => part.name !== "active" && pool[part.name] > 0)
    .map((part) => `${formatLargeCount(pool[part.name])} ${part.label}`)
    .join(", ");
}
