import { expect, it } from 'vitest';
import { jobIdOf, readJobId } from './job-id.ts';

it('reads back what it wrote, without a colon', () => {
  const meta = { outboxId: 900_719_925_474_099, attempt: 12 };
  expect(jobIdOf(meta)).not.toContain(':');
  expect(readJobId(jobIdOf(meta))).toEqual(meta);
});

it.each([undefined, '', '1', '1-', '-1', '0-1', '1-0', '1-1-1', 'a-1', '1:1', '1.5-1', '99999999999999999-1'])(
  'knows that %s was not made here',
  (id) => {
    expect(readJobId(id)).toBeUndefined();
  },
);
