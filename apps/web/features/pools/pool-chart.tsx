"use client";

import type { PoolSample } from "@leasewire/api";
import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useMemo, useRef } from "react";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { formatLargeCount, formatTime } from "#lib/format.ts";
import { type ChartColumns, chartColumns, chartTop } from "./chart-columns.ts";
import classes from "./pools.module.css";

const heightPixels = 220;

/** Active leases, and all that is in use, over time; the upper edge is the whole pool. */
export default function PoolChart(props: {
  readonly samples: readonly PoolSample[];
  readonly periodSeconds: number;
  readonly label: string;
}) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const scheme = useComputedColorScheme();
  const data = useMemo(() => chartColumns(props.samples, props.periodSeconds), [props.samples, props.periodSeconds]);
  const latest = useRef(data);
  latest.current = data;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a canvas does not follow the theme by itself
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const made = new UPlot(optionsFor(element), latest.current as unknown as UPlot.AlignedData, element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: heightPixels }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.current = null;
      made.destroy();
    };
  }, [scheme]);

  useEffect(() => plot.current?.setData(data as unknown as UPlot.AlignedData), [data]);

  return (
    <figure className={classes.chart} aria-label={props.label} data-testid="pool-chart">
      <div ref={place} className={classes.chartPlace} aria-hidden="true" />
      <figcaption className={classes.hidden}>{props.label}</figcaption>
    </figure>
  );
}

function optionsFor(element: HTMLElement): UPlot.Options {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color("--lw-ink-dim"),
    grid: { stroke: color("--lw-line"), width: 1 },
    ticks: { stroke: color("--lw-line"), width: 1 },
    font: `11px ${style.fontFamily}`,
  };
  const count = (_: UPlot, value: number | null) => (value === null ? "—" : formatLargeCount(value));
  return {
    width: element.clientWidth,
    height: heightPixels,
    // UTC, as everywhere else.
    tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    padding: [12, 8, 0, 0],
    legend: { live: true },
    // Away from the chart the legend tells the newest look.
    hooks: {
      ready: [showNewest],
      setData: [showNewest],
      setCursor: [(plot) => plot.cursor.idx == null && showNewest(plot)],
    },
    cursor: { drag: { x: false, y: false }, points: { size: 6 } },
    scales: { y: { range: (plot) => [0, chartTop(plot.data as unknown as ChartColumns)] } },
    axes: [
      { ...axis, values: "{HH}:{mm}" as never },
      { ...axis, size: 64, values: (_, splits) => splits.map((value) => formatLargeCount(value)) },
    ],
    series: [
      { label: "Time", value: (_, value) => (value === null ? "—" : `${formatTime(value)} UTC`) },
      { label: "Total", stroke: color("--lw-ink-dim"), dash: [4, 3], width: 1, value: count, points: { show: false } },
      {
        label: "In use",
        stroke: color("--lw-warn"),
        width: 1,
        value: count,
        points: { show: false },
      },
      {
        label: "Active",
        stroke: color("--lw-accent"),
        fill: color("--lw-accent-soft"),
        width: 2,
        value: count,
        points: { show: false },
      },
    ],
  };
}

function showNewest(plot: UPlot): void {
  plot.setLegend({ idx: plot.data[0].length - 1 });
}
