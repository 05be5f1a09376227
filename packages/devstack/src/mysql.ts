import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { findMysql } from './binaries.ts';
import { childEnvironment } from './config.ts';
import { startDatabase, type DatabaseServer, type ServerBinary } from './database-server.ts';
import type { RunFolder } from './run-folder.ts';

/** Starts a private MySQL on a free port and a socket. `durable` makes each commit reach the disk. */
export async function startMysql(folder: RunFolder, durable: boolean): Promise<DatabaseServer> {
  const found = findMysql();
  const binary = { ...found, flags: [...found.flags, '--secure-file-priv=NULL', '--innodb-redo-log-capacity=32M'] };
  const kind = { ...binary, flags: [...binary.flags, '--mysqlx=OFF'] };
  return startDatabase({ name: 'mysql', ...kind, makeData: (data) => initialize(binary, data) }, folder, durable);
}

async function initialize({ command: [program, ...words], flags, env }: ServerBinary, data: string): Promise<void> {
  const own = ['--initialize-insecure', `--user=${userInfo().username}`, `--datadir=${data}`];
  await promisify(execFile)(program, [...words, '--no-defaults', ...flags, ...own], { env: childEnvironment(env) });
}
