import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { constants, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findMariadb, type MariadbBinaries } from './binaries.ts';
import { childEnvironment, dataRoot } from './config.ts';
import { spawnGuarded, type GuardedProcess } from './guarded-process.ts';
import { freePort, untilGreeted } from './ports.ts';
import type { RunFolder } from './run-folder.ts';

export type MariadbServer = { process: GuardedProcess; databaseUrl: string };

/** Accounts match by address with --skip-name-resolve, so root needs one for 127.0.0.1 beside the socket's localhost. */
const initSql = `CREATE USER IF NOT EXISTS 'root'@'127.0.0.1';
GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;
CREATE DATABASE IF NOT EXISTS yunshang;
`;

/** Starts a private server on a free port and a socket. `durable` makes each commit reach the disk. */
export async function startMariadb(folder: RunFolder, durable: boolean): Promise<MariadbServer> {
  const binaries = findMariadb();
  const dataDir = join(folder.path, 'mariadb');
  if (!existsSync(dataDir)) await copyTemplate(binaries, dataDir);
  const initFile = join(folder.path, 'mariadb-init.sql');
  writeFileSync(initFile, initSql);
  const socketPath = join(folder.socketFolder, 'mariadb.sock');
  // Of its own: a starting server deletes what it takes for its temporary tables of last time, also those of another's.
  const temporary = join(folder.path, 'mariadb-tmp');
  mkdirSync(temporary, { recursive: true });
  const port = await freePort();
  const server = await spawnGuarded({
    command: binaries.server,
    args: [
      '--no-defaults',
      ...binaries.flags,
      `--user=${userInfo().username}`,
      `--datadir=${dataDir}`,
      `--tmpdir=${temporary}`,
      `--init-file=${initFile}`,
      `--socket=${socketPath}`,
      `--port=${port}`,
      `--pid-file=${join(folder.path, 'mariadb.pid')}`,
      ...serverFlags,
      `--innodb-flush-log-at-trx-commit=${durable ? 1 : 2}`,
    ],
    env: binaries.env,
    logFile: join(folder.path, 'mariadb.log'),
  });
  await untilGreeted(server, { path: socketPath });
  return { process: server, databaseUrl: `mysql://root@127.0.0.1:${port}/yunshang?socketPath=${socketPath}` };
}

const serverFlags = [
  '--bind-address=127.0.0.1',
  '--skip-name-resolve',
  '--character-set-server=utf8mb4',
  '--collation-server=utf8mb4_unicode_ci',
  '--innodb-buffer-pool-size=128M',
  '--innodb-log-file-size=16M',
  '--skip-log-bin',
  '--max-connections=400',
  '--default-time-zone=+00:00',
  '--transaction-isolation=READ-COMMITTED',
  '--sql-mode=STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
];

/** An empty data folder costs 0.7 s to make and 0.03 s to copy: it is made once per server version. */
async function copyTemplate(binaries: MariadbBinaries, dataDir: string): Promise<void> {
  const template = join(dataRoot, `template-mariadb-${binaries.fingerprint}`);
  if (!existsSync(template)) await makeTemplate(binaries, template);
  await cp(template, dataDir, { recursive: true, mode: constants.COPYFILE_FICLONE });
}

async function makeTemplate(binaries: MariadbBinaries, template: string): Promise<void> {
  const draft = `${template}.draft-${process.pid}-${randomBytes(4).toString('hex')}`;
  mkdirSync(draft, { recursive: true });
  const flags = [
    '--no-defaults',
    ...binaries.flags,
    `--user=${userInfo().username}`,
    `--datadir=${draft}`,
    `--tmpdir=${draft}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    '--skip-name-resolve',
    '--innodb-log-file-size=16M',
  ];
  await promisify(execFile)(binaries.installDb, flags, { env: childEnvironment(binaries.env), cwd: draft });
  try {
    renameSync(draft, template);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(template)) throw error; // otherwise another process made it at the same time, and it is the same
  }
}
