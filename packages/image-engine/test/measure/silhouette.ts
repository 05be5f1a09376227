/** How a found silhouette compares with the true one; `lost` and `extra` are shares of the true area. */
export type Agreement = { iou: number; lost: number; extra: number };

/** Both are alpha 0-1; a pixel counts as garment above one half. */
export function compareSilhouettes(found: Float32Array, truth: Float32Array): Agreement {
  let both = 0;
  let onlyFound = 0;
  let onlyTruth = 0;
  for (let i = 0; i < truth.length; i++) {
    const isFound = (found[i] ?? 0) > 0.5;
    const isTrue = (truth[i] ?? 0) > 0.5;
    if (isFound && isTrue) both++;
    else if (isFound) onlyFound++;
    else if (isTrue) onlyTruth++;
  }
  const area = Math.max(1, both + onlyTruth);
  return { iou: both / Math.max(1, both + onlyFound + onlyTruth), lost: onlyTruth / area, extra: onlyFound / area };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
