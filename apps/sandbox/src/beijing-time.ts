const OFFSET_MS = 8 * 3_600_000;

/** RFC 3339 to the second with the offset WeChat Pay writes: `2026-01-02T03:04:05+08:00`. */
export function beijingTime(at: Date): string {
  return `${new Date(at.getTime() + OFFSET_MS).toISOString().slice(0, 19)}+08:00`;
}
