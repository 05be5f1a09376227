import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataRoot } from './config.ts';

export type RunFolder = {
  path: string;
  /** A short private folder for sockets: a socket's path must stay below 104 bytes, checkouts can lie deeper. */
  socketFolder: string;
  remove(): void;
};

/** A folder for one run of one process, gone when it ends; what dead processes left behind goes first. */
export function makeRunFolder(): RunFolder {
  removeLeftovers();
  return openFolder(join(dataRoot, `run-${process.pid}-${randomBytes(4).toString('hex')}`));
}

/** A folder that stays, such as the database of `bin/dev`. Only its sockets are removed. */
export function keepFolder(path: string): RunFolder {
  const folder = openFolder(path);
  return { ...folder, remove: () => rmSync(folder.socketFolder, { recursive: true, force: true }) };
}

function openFolder(path: string): RunFolder {
  const socketFolder = socketFolderOf(path);
  mkdirSync(path, { recursive: true });
  mkdirSync(socketFolder, { recursive: true, mode: 0o700 });
  return { path, socketFolder, remove: () => removeAll(path) };
}

function removeAll(path: string): void {
  rmSync(path, { recursive: true, force: true });
  rmSync(socketFolderOf(path), { recursive: true, force: true });
}

function socketFolderOf(path: string): string {
  return join(tmpdir(), `ys-${createHash('sha256').update(path).digest('hex').slice(0, 16)}`);
}

function removeLeftovers(): void {
  mkdirSync(dataRoot, { recursive: true });
  for (const name of readdirSync(dataRoot)) {
    const owner = /^run-(\d+)-[0-9a-f]+$/.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) removeIfStill(join(dataRoot, name));
  }
}

/** Its servers may still be writing their last, and another start may be removing it too: the next start looks again. */
function removeIfStill(path: string): void {
  try {
    removeAll(path);
  } catch {
    // left for the next start
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
