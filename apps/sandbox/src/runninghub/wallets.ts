import { usualUsage } from './outputs.ts';
import type { Task } from './task.ts';

type Account = Task['account'];
/** Thousandths of a yuan, and coins. */
export type Left = { milliYuan: number; coins: number };

export type Wallets = {
  left(account: Account): Left;
  /** A task that ended well is paid for. */
  charge(task: Task): void;
  /** Somebody pays in, or something else is taken out. */
  change(account: Account, by: Left): void;
  reset(): void;
};

const START: Left = { milliYuan: 500_000, coins: 100_000 };

export function createWallets(): Wallets {
  let wallets: Record<Account, Left> = { a: START, b: START };
  const change: Wallets['change'] = (account, by) => {
    const { milliYuan, coins } = wallets[account];
    wallets = { ...wallets, [account]: { milliYuan: milliYuan + by.milliYuan, coins: coins + by.coins } };
  };
  return {
    left: (account) => wallets[account],
    charge(task) {
      const { consumeMoney, consumeCoins } = usualUsage(task.account);
      change(task.account, {
        milliYuan: -Math.round(Number(consumeMoney ?? 0) * 1000),
        coins: -Number(consumeCoins ?? 0),
      });
    },
    change,
    reset() {
      wallets = { a: START, b: START };
    },
  };
}
