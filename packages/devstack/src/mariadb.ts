import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { findMariadb, type MariadbBinaries } from './binaries.ts';
import { childEnvironment } from './config.ts';
import { startDatabase, type DatabaseServer } from './database-server.ts';
import type { RunFolder } from './run-folder.ts';

const LOG_SIZE = '--innodb-log-file-size=16M';

/** Starts a private MariaDB on a free port and a socket. `durable` makes each commit reach the disk. */
export async function startMariadb(folder: RunFolder, durable: boolean): Promise<DatabaseServer> {
  const binaries = findMariadb();
  return startDatabase(
    {
      name: 'mariadb',
      ...binaries,
      flags: [...binaries.flags, LOG_SIZE],
      makeData: (data) => installInto(binaries, data),
    },
    folder,
    durable,
  );
}

async function installInto(binaries: MariadbBinaries, data: string): Promise<void> {
  const flags = [
    '--no-defaults',
    ...binaries.flags,
    `--user=${userInfo().username}`,
    `--datadir=${data}`,
    `--tmpdir=${data}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    '--skip-name-resolve',
    LOG_SIZE,
  ];
  await promisify(execFile)(binaries.installDb, flags, { env: childEnvironment(binaries.env), cwd: data });
}
