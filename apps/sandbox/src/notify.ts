/** Runs the same send several times, together or one after the other. */
export async function repeat<T>(how: { count: number; parallel: boolean }, run: () => Promise<T>): Promise<T[]> {
  if (how.parallel) return Promise.all(Array.from({ length: how.count }, run));
  const results: T[] = [];
  while (results.length < how.count) results.push(await run());
  return results;
}

type Post = { headers: Record<string, string>; body: Uint8Array<ArrayBuffer> | string; signal: AbortSignal };

/** The status answered; null when there was no answer. Redirects are not followed. */
export async function postOnce(url: string, init: Post): Promise<number | null> {
  try {
    const answer = await fetch(url, { method: 'POST', redirect: 'manual', ...init });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return null;
  }
}
