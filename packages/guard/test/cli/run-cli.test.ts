import { expect, it } from 'vitest';
import { type } from './typing.ts';

it('prints its help', async () => {
  for (const argv of [[], ['help'], ['--help']]) {
    const { code, out } = await type('/', ...argv);
    expect(code).toBe(0);
    expect(out).toContain('explain BGnnn');
  }
});

it.each([
  ['a command that is not there', ['chekc'], 'there is no command "chekc"'],
  ['a name that every object has', ['constructor'], 'there is no command "constructor"'],
  ['an option that is not there', ['rules', '--fast'], "Unknown option '--fast'"],
  ['a rule that is not there', ['explain', 'BG999'], 'no rule is called "BG999"'],
  ['no rule', ['explain'], 'no rule is called ""'],
])('answers %s with what to type, and exits 3', async (_what, argv, message) => {
  const { code, out, err } = await type('/', ...argv);
  expect(code).toBe(3);
  expect(out).toBe('');
  expect(err).toContain(message);
});
