import type { ProviderCall } from '../provider.ts';

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'video/mp4': 'mp4',
  'text/plain': 'txt',
  'application/json': 'json',
  'application/zip': 'zip',
};

/**
 * Where a function puts one output of an attempt: nobody else is given this key, so what lies there is that attempt's. Under
 * `work/`, which a lifecycle rule of the bucket empties.
 */
export function scfOutputKey(
  of: Pick<ProviderCall, 'userId' | 'taskId' | 'stepIndex' | 'attemptNo'>,
  output: { name: string; contentType: string },
): string {
  const extension = EXTENSIONS[output.contentType.split(';', 1)[0] ?? ''] ?? 'bin';
  return `work/${of.userId}/${of.taskId}/${of.stepIndex}-${of.attemptNo}-${output.name}.${extension}`;
}

/** The path a function's answer comes to, and signs. */
export function callbackPath(of: { taskId: string; stepIndex: number }): string {
  return `/api/internal/tasks/${of.taskId}/steps/${of.stepIndex}/callback`;
}
