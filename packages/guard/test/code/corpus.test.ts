import { describe, expect, it } from 'vitest';
import { codeRuleDocs } from '../../src/code/rule-docs.ts';
import { judgeSample, marksOf, readSamples } from './samples.ts';

const rules = codeRuleDocs.filter(({ severity, id }) => severity === 'FAIL' && id !== 'BG290').map(({ id }) => id);

describe.each(['main', 'held-out'] as const)('the %s corpus', (corpus) => {
  const judged = readSamples(corpus).map(judgeSample);

  it('has what every bad sample is marked with, at the marked line', () => {
    const missed = judged.flatMap(({ sample, missed: marks }) =>
      marks.map((mark) => `${sample.name}: ${mark.ruleId} at ${mark.file}:${mark.line}`),
    );
    expect(missed).toEqual([]);
  });

  it('has nothing else that fails, in no sample', () => {
    const extra = judged.flatMap(({ sample, extra: findings }) =>
      findings.map(
        ({ ruleId, where, message }) =>
          `${sample.kind}/${sample.name}: ${ruleId} ${JSON.stringify(where)} ${message.en}`,
      ),
    );
    expect(extra).toEqual([]);
  });

  it('prints its table', () => {
    const rows = rules.map((rule) => {
      const marks = judged.flatMap(({ sample }) => marksOf(sample.sources).filter(({ ruleId }) => ruleId === rule));
      const found = judged.flatMap((each) => each.found.filter(({ ruleId }) => ruleId === rule));
      const extra = judged.flatMap((each) => each.extra.filter(({ ruleId }) => ruleId === rule));
      return { rule, marked: marks.length, found: found.length, false: extra.length };
    });
    const good = judged.filter(({ sample }) => sample.kind === 'good');
    console.log(`${corpus}: ${judged.length - good.length} bad and ${good.length} good samples`);
    console.table(rows.filter(({ marked, found, false: extra }) => marked + found + extra > 0));
    expect(judged.length).toBeGreaterThan(0);
  });
});

it('holds at least forty bad and forty good samples, and two for each rule', () => {
  const samples = readSamples('main');
  expect(samples.filter(({ kind }) => kind === 'bad').length).toBeGreaterThanOrEqual(40);
  expect(samples.filter(({ kind }) => kind === 'good').length).toBeGreaterThanOrEqual(40);
  const marked = [...samples, ...readSamples('held-out')].flatMap(({ sources }) => marksOf(sources.slice(0, 1)));
  expect(rules.filter((rule) => !marked.some(({ ruleId }) => ruleId === rule))).toEqual([]);
});
