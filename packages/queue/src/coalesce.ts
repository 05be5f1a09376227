/**
 * Collects keys and hands each over once per interval: at once when the line is quiet, else at the interval's end.
 */
export function coalesce(
  intervalMs: number,
  send: (keys: readonly string[]) => void,
): { add(key: string): void; flush(): void } {
  const waiting = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    if (waiting.size === 0) return;
    const keys = [...waiting];
    waiting.clear();
    send(keys);
  }

  function intervalEnded(): void {
    timer = undefined;
    if (waiting.size === 0) return;
    flush();
    timer = setTimeout(intervalEnded, intervalMs);
  }

  return {
    add: (key) => {
      waiting.add(key);
      if (timer !== undefined) return;
      flush();
      timer = setTimeout(intervalEnded, intervalMs);
    },
    flush,
  };
}
