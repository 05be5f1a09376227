import { parseArgs } from 'node:util';
import { UsageError, type Command, type Io, type Typed } from './command.ts';

/** Each is loaded when it is asked for: a check of sources needs neither a database driver nor schemas. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  check: async () => (await import('./check.command.ts')).checkCommand,
  config: async () => (await import('./config.command.ts')).configCommand,
  database: async () => (await import('./database.command.ts')).databaseCommand,
  strategy: async () => (await import('./strategy.command.ts')).strategyCommand,
  rules: async () => (await import('./rules.command.ts')).rulesCommand,
  explain: async () => (await import('./rules.command.ts')).explainCommand,
};

/** Runs what was typed and gives the exit code: 0 PASS, 1 warnings with --strict, 2 FAIL, 3 could not judge. */
export async function runCli(argv: readonly string[], io: Io): Promise<number> {
  const [name = 'help', ...rest] = argv;
  if (name === 'help' || name === '--help' || name === '-h') {
    io.out(await helpText());
    return 0;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) return refuse(io, `there is no command "${name}"`, await helpText());
  const command = await load();
  try {
    return await command.run(parse(command, rest), io);
  } catch (error) {
    if (error instanceof UsageError) return refuse(io, error.message, `usage: billing-guard ${command.usage}`);
    return refuse(io, error instanceof Error ? error.message : String(error));
  }
}

function parse({ options }: Command, args: readonly string[]): Typed {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    return { words: positionals, options: onlyScalars(values) };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function onlyScalars(values: Readonly<Record<string, unknown>>): Typed['options'] {
  const scalars = Object.entries(values).filter(
    (entry): entry is [string, string | boolean] => typeof entry[1] === 'string' || typeof entry[1] === 'boolean',
  );
  return Object.fromEntries(scalars);
}

function refuse(io: Io, ...lines: readonly string[]): 3 {
  io.err(`billing-guard: ${lines.join('\n')}`);
  return 3;
}

async function helpText(): Promise<string> {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const width = Math.max(...commands.map(({ usage }) => usage.length));
  return [
    'billing-guard 计费守卫: FAIL, PASS-WITH-WARNING or PASS for configuration, code and the live database',
    '',
    ...commands.map(({ usage, says }) => `  ${usage.padEnd(width)}  ${says}`),
    '',
    '  --format text|json|sarif|github   --strict (warnings exit 1)   --docs-url <folder of the rule pages>',
    '  exit codes: 0 PASS, 1 warnings with --strict, 2 FAIL, 3 could not judge',
  ].join('\n');
}
