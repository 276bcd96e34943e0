import { collectDefaultMetrics, Registry } from "prom-client";

/** One counter or gauge of the engine thread. */
export interface EngineMetric {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What Prometheus reads: the process's own numbers, and those of the engines. */
export function createMetrics(engineMetrics: () => Promise<readonly EngineMetric[]>) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    contentType: registry.contentType,
    async text(): Promise<string> {
      const own = await registry.metrics();
      return `${own}\n${formatEngineMetrics(await engineMetrics())}`;
    },
    close: () => registry.clear(),
  };
}

/** Prometheus text format: samples of one name stand together, and the name ends in _total exactly for counters. */
export function formatEngineMetrics(metrics: readonly EngineMetric[]): string {
  const byName = Map.groupBy(
    metrics.filter((metric) => /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(metric.name)),
    (metric) => metric.name,
  );
  const lines: string[] = [];
  for (const [name, samples] of byName) {
    lines.push(`# TYPE ${name} ${name.endsWith("_total") ? "counter" : "gauge"}`);
    for (const { labels, value } of samples) {
      const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
      lines.push(`${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`);
    }
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
