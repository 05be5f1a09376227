import { readFileSync } from 'node:fs';

/** How often the ancestors are looked at. */
const lookEveryMs = 300;

/**
 * Calls `onGone` once when one of the processes above us is gone, up to the highest one whose command line fits
 * `command`. For processes started by a tool (turbo, pnpm) that does not take its children along when it is killed.
 */
export function watchAncestors(command: RegExp, onGone: () => void): void {
  const watched = chainUpTo(command);
  const timer = setInterval(() => {
    if (watched.every(({ pid, startedAt }) => statOf(pid)?.startedAt === startedAt)) return;
    clearInterval(timer);
    onGone();
  }, lookEveryMs);
  timer.unref();
}

type Ancestor = { pid: number; parent: number; startedAt: string };

function chainUpTo(command: RegExp): Ancestor[] {
  const chain: Ancestor[] = [];
  for (let at = statOf(process.ppid); at && at.pid > 1; at = statOf(at.parent)) chain.push(at);
  const highest = chain.findLastIndex(({ pid }) => command.test(commandLine(pid)));
  return chain.slice(0, highest + 1);
}

/** Process ids come again, start times with them do not. */
function statOf(pid: number): Ancestor | undefined {
  const stat = read(`/proc/${pid}/stat`);
  const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startedAt = rest[17];
  if (state === 'Z' || startedAt === undefined) return undefined;
  return { pid, parent: Number(parent), startedAt };
}

function commandLine(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
