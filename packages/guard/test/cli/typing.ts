import { runCli } from '../../src/cli/run-cli.ts';

/** Runs the command as if it were typed in a folder. */
export async function type(cwd: string, ...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const lines: { out: string[]; err: string[] } = { out: [], err: [] };
  const code = await runCli(argv, {
    out: (text) => lines.out.push(text),
    err: (text) => lines.err.push(text),
    hasColour: false,
    cwd,
  });
  return { code, out: lines.out.join('\n'), err: lines.err.join('\n') };
}
