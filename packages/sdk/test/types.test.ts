import type {
  ErrorDetails as ContractDetails,
  Task as ContractTask,
  Order as ContractOrder,
  TaskEvent as ContractEvent,
} from '@yunshang/contracts';
import { ERRORS } from '@yunshang/contracts';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, expectTypeOf, it } from 'vitest';
import {
  createYunshang,
  isYunshangError,
  type ApiErrorCode,
  type ErrorDetails,
  type Order,
  type Task,
  type TaskEvent,
  type Yunshang,
} from '../src/index.ts';

// `pnpm typecheck` is what fails when one of these is untrue.
it('has the types of the API, without its code', () => {
  expectTypeOf<Task>().toEqualTypeOf<ContractTask>();
  expectTypeOf<Order>().toEqualTypeOf<ContractOrder>();
  expectTypeOf<TaskEvent>().toEqualTypeOf<ContractEvent>();
  expectTypeOf<ErrorDetails>().toEqualTypeOf<ContractDetails>();
  expectTypeOf<ApiErrorCode>().toEqualTypeOf<keyof typeof ERRORS>();
  expectTypeOf<Yunshang['tasks']['watch']>().returns.toEqualTypeOf<AsyncIterable<TaskEvent>>();
  expectTypeOf<Task['status']>().toEqualTypeOf<'pending' | 'processing' | 'succeeded' | 'failed' | 'cancelled'>();
  expectTypeOf<Parameters<Yunshang['orders']['create']>[0]>().toEqualTypeOf<{
    planId: string;
    channel?: 'native' | 'jsapi' | 'h5' | undefined;
    openid?: string | undefined;
    h5Type?: 'Wap' | 'iOS' | 'Android' | undefined;
  }>();
});

it('refuses what the API would refuse', () => {
  const ys = createYunshang({ baseUrl: 'http://127.0.0.1:1' });
  const calls = (): unknown[] => [
    // @ts-expect-error -- the price is the plan's, never the caller's
    ys.orders.create({ planId: 'BASIC', amountFen: 1 }),
    // @ts-expect-error -- an answer to a form is JSON
    ys.tasks.create({ featureId: 'basic_clean', input: { photo: () => 1 } }),
    // @ts-expect-error -- no such status
    ys.tasks.list({ status: 'done' }),
    // @ts-expect-error -- GIF is not taken
    ys.uploads.put(new Uint8Array(), { contentType: 'image/gif' }),
    // @ts-expect-error -- no such code
    isYunshangError(undefined, 'NO_SUCH_CODE'),
  ];
  expectTypeOf(calls).returns.toEqualTypeOf<unknown[]>();
});

it('has a contract made from the router as it is now', () => {
  const script = join(import.meta.dirname, '..', 'scripts', 'gen-contract.ts');
  const said = execFileSync(process.execPath, ['--conditions=yunshang-src', script, '--check'], { encoding: 'utf8' });
  expect(said).toContain('up to date');
}, 90_000); // a compiler's run over the whole API, on a busy machine
