import { parseArgs } from 'node:util';
import { UsageError, type Command, type Io, type Typed } from './command.ts';
import { checkCommand } from './check.command.ts';
import { configCommand } from './config.command.ts';
import { databaseCommand } from './database.command.ts';
import { explainCommand, rulesCommand } from './rules.command.ts';
import { strategyCommand } from './strategy.command.ts';

const COMMANDS: Readonly<Record<string, Command>> = {
  check: checkCommand,
  config: configCommand,
  database: databaseCommand,
  strategy: strategyCommand,
  rules: rulesCommand,
  explain: explainCommand,
};

/** Runs what was typed and gives the exit code: 0 PASS, 1 warnings with --strict, 2 FAIL, 3 could not judge. */
export async function runCli(argv: readonly string[], io: Io): Promise<number> {
  const [name = 'help', ...rest] = argv;
  if (name === 'help' || name === '--help' || name === '-h') {
    io.out(helpText());
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) return refuse(io, `there is no command "${name}"`, helpText());
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

function helpText(): string {
  const width = Math.max(...Object.values(COMMANDS).map(({ usage }) => usage.length));
  return [
    'billing-guard 计费守卫: FAIL, PASS-WITH-WARNING or PASS for configuration, code and the live database',
    '',
    ...Object.values(COMMANDS).map(({ usage, says }) => `  ${usage.padEnd(width)}  ${says}`),
    '',
    '  --format text|json|sarif|github   --strict (warnings exit 1)   --docs-url <folder of the rule pages>',
    '  exit codes: 0 PASS, 1 warnings with --strict, 2 FAIL, 3 could not judge',
  ].join('\n');
}
