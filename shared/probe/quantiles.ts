/** The value below which a part `q` of the sorted `values` lies; nearest rank. @param q - 0 to 1. */
export function quantile(sorted: number[], q: number): number {
  const index = Math.max(0, Math.ceil(q * sorted.length) - 1);
  return sorted[index] ?? 0;
}

export const sortedNumbers = (values: number[]): number[] => [...values].sort((a, b) => a - b);

export function latencyOf(
  values: number[],
): { p50Ms: number; p95Ms: number; p99Ms: number; maxMs: number } | undefined {
  if (values.length === 0) return undefined;
  const sorted = sortedNumbers(values);
  return {
    p50Ms: quantile(sorted, 0.5),
    p95Ms: quantile(sorted, 0.95),
    p99Ms: quantile(sorted, 0.99),
    maxMs: sorted.at(-1) ?? 0,
  };
}
