import type { CallLog } from '../call-log.ts';
import type { SandboxConfig } from '../config.ts';
import { createDraughtsman, type Draughtsman } from '../drawing/draw.ts';
import type { FaultBoard } from '../faults.ts';
import { createHubFiles, type HubFiles } from './files.ts';
import { createTaskBook, type TaskBook } from './task-book.ts';
import { createWallets, type Wallets } from './wallets.ts';
import { createWebhookSender } from './webhook.ts';

/** What RunningHub remembers: uploaded files, tasks, and the pictures it drew. */
export type RunningHub = {
  files: HubFiles;
  tasks: TaskBook;
  wallets: Wallets;
  draughtsman: Draughtsman;
  reset(): void;
};

type Deps = { config: SandboxConfig; faults: FaultBoard; log: CallLog; now: () => Date };

export function createRunningHub({ config, faults, log, now }: Deps): RunningHub {
  const { timeScale, notifyTimeoutMs } = config;
  const webhooks = createWebhookSender({ timeScale, notifyTimeoutMs, log, now });
  const files = createHubFiles();
  const wallets = createWallets();
  const tasks = createTaskBook({ config: config.runninghub, timeScale, faults, webhooks, wallets, now });
  return {
    files,
    tasks,
    wallets,
    draughtsman: createDraughtsman(),
    reset() {
      files.reset();
      tasks.reset();
      wallets.reset();
    },
  };
}
