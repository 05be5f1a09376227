import { randomBytes } from 'node:crypto';
import { constants, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { dataRoot } from './config.ts';
import { spawnGuarded, type GuardedProcess } from './guarded-process.ts';
import { freePort, untilGreeted } from './ports.ts';
import type { RunFolder } from './run-folder.ts';

export type DatabaseServer = { process: GuardedProcess; databaseUrl: string };

/** A server's program: MariaDB's or MySQL's. */
export type ServerBinary = {
  /** The program and what goes before its flags. */
  command: readonly [string, ...string[]];
  flags: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Changes with the server's version: names the template data folder. */
  fingerprint: string;
};

type Kind = ServerBinary & {
  name: 'mariadb' | 'mysql';
  /** Fills an empty folder with an empty database. */
  makeData(folder: string): Promise<void>;
};

/** Accounts match by address with --skip-name-resolve, so root needs one for 127.0.0.1 beside the socket's localhost. */
const initSql = `CREATE USER IF NOT EXISTS 'root'@'127.0.0.1';
GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;
CREATE DATABASE IF NOT EXISTS yunshang;
`;

const commonFlags = [
  '--bind-address=127.0.0.1',
  '--skip-name-resolve',
  '--character-set-server=utf8mb4',
  '--collation-server=utf8mb4_unicode_ci',
  '--innodb-buffer-pool-size=128M',
  '--skip-log-bin',
  '--max-connections=400',
  '--default-time-zone=+00:00',
  '--transaction-isolation=READ-COMMITTED',
  '--sql-mode=STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
];

/** Starts a private server on a free port and a socket. `durable` makes each commit reach the disk. */
export async function startDatabase(kind: Kind, folder: RunFolder, durable: boolean): Promise<DatabaseServer> {
  const { name } = kind;
  const dataDir = join(folder.path, name);
  if (!existsSync(dataDir)) await copyTemplate(kind, dataDir);
  const initFile = join(folder.path, `${name}-init.sql`);
  writeFileSync(initFile, initSql);
  const socketPath = join(folder.socketFolder, `${name}.sock`);
  // Of its own: a starting server deletes what it takes for its temporary tables of last time, also those of another's.
  const temporary = join(folder.path, `${name}-tmp`);
  mkdirSync(temporary, { recursive: true });
  const port = await freePort();
  const [command, ...words] = kind.command;
  const server = await spawnGuarded({
    command,
    args: [
      ...words,
      '--no-defaults',
      ...kind.flags,
      ...commonFlags,
      `--user=${userInfo().username}`,
      `--datadir=${dataDir}`,
      `--tmpdir=${temporary}`,
      `--init-file=${initFile}`,
      `--socket=${socketPath}`,
      `--port=${port}`,
      `--pid-file=${join(folder.path, `${name}.pid`)}`,
      `--innodb-flush-log-at-trx-commit=${durable ? 1 : 2}`,
    ],
    env: kind.env,
    logFile: join(folder.path, `${name}.log`),
  });
  await untilGreeted(server, { path: socketPath });
  return { process: server, databaseUrl: `mysql://root@127.0.0.1:${port}/yunshang?socketPath=${socketPath}` };
}

/** An empty data folder costs 0.7 s (MySQL: 5 s) to make and 0.03 s to copy: it is made once per server version. */
async function copyTemplate(kind: Kind, dataDir: string): Promise<void> {
  const template = join(dataRoot, `template-${kind.name}-${kind.fingerprint}`);
  if (!existsSync(template)) await makeTemplate(kind, template);
  await cp(template, dataDir, { recursive: true, mode: constants.COPYFILE_FICLONE });
}

async function makeTemplate(kind: Kind, template: string): Promise<void> {
  const draft = `${template}.draft-${process.pid}-${randomBytes(4).toString('hex')}`;
  mkdirSync(draft, { recursive: true });
  await kind.makeData(draft);
  try {
    renameSync(draft, template);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(template)) throw error; // otherwise another process made it at the same time, and it is the same
  }
}
