import { expect, it } from 'vitest';
import { z } from 'zod';
import { reportSarif } from '../../src/report/sarif.ts';
import { reportOf } from '../../src/report/verdict.ts';
import { codeFinding, planFinding, registry } from './sample.ts';

// What SARIF 2.1.0 requires of the parts used; strict, so that a property it does not know is refused.
const message = z.strictObject({ text: z.string().min(1) });
const level = z.enum(['none', 'note', 'warning', 'error']);
const position = z.int().min(1);
const region = z.strictObject({
  startLine: position,
  startColumn: position,
  endLine: position.optional(),
  endColumn: position.optional(),
});
const location = z.strictObject({
  physicalLocation: z
    .strictObject({ artifactLocation: z.strictObject({ uri: z.string(), uriBaseId: z.string() }), region })
    .optional(),
  logicalLocations: z.array(z.strictObject({ fullyQualifiedName: z.string(), kind: z.string() })).optional(),
});
const rule = z.strictObject({
  id: z.string(),
  name: z.string(),
  shortDescription: message,
  fullDescription: message,
  help: message,
  helpUri: z.string(),
  defaultConfiguration: z.strictObject({ level }),
  properties: z.strictObject({ tags: z.array(z.string()) }),
});
const result = z.strictObject({
  ruleId: z.string(),
  ruleIndex: z.int().min(-1),
  level,
  message,
  locations: z.array(location),
  partialFingerprints: z.record(z.string(), z.string()),
  suppressions: z
    .array(
      z.strictObject({
        kind: z.enum(['inSource', 'external']),
        status: z.enum(['accepted', 'underReview', 'rejected']),
        justification: z.string(),
      }),
    )
    .optional(),
});
const sarif = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z.tuple([
    z.strictObject({
      tool: z.strictObject({ driver: z.strictObject({ name: z.string(), rules: z.array(rule) }) }),
      columnKind: z.enum(['utf16CodeUnits', 'unicodeCodePoints']),
      invocations: z.array(
        z.strictObject({
          executionSuccessful: z.boolean(),
          toolExecutionNotifications: z.array(z.strictObject({ level, message, locations: z.array(location) })),
        }),
      ),
      results: z.array(result),
      properties: z.strictObject({ verdict: z.string() }),
    }),
  ]),
});

const options = { docsUrl: 'https://docs.example/guard/' };

it('is SARIF 2.1.0, with rules, places, suppressions and what could not be judged', () => {
  const unjudged = [{ where: { file: 'broken.ts', line: 1, column: 1 }, reason: { zh: '无法解析', en: 'no' } }];
  const suppressed = [{ finding: planFinding, reason: 'a test plan' }];
  const report = reportOf({ findings: [codeFinding], unjudged, suppressed, items: 1, rules: 2 });
  const run = sarif.parse(reportSarif(report, registry, options)).runs[0];
  expect(run.tool.driver.rules[0]?.helpUri).toBe('https://docs.example/guard/BG101.md');
  expect(run.results.map(({ ruleId, ruleIndex, level: l }) => [ruleId, ruleIndex, l])).toEqual([
    ['BG201', 1, 'warning'],
    ['BG101', 0, 'error'],
  ]);
  expect(run.results[0]?.locations[0]?.physicalLocation?.artifactLocation.uri).toBe('src/a,b:%20c.ts');
  expect(run.results[1]?.suppressions?.[0]?.justification).toBe('a test plan');
  expect(run.invocations[0]?.executionSuccessful).toBe(false);
});

it('keeps a finding’s fingerprint while its lines and figures move', () => {
  const moved = {
    ...codeFinding,
    where: { file: 'src/a,b: c.ts', line: 90, column: 1 },
    message: { zh: '', en: '7% loose' },
  };
  const prints = [codeFinding, moved].map((finding) => {
    const report = reportOf({ findings: [finding], items: 1, rules: 2 });
    return sarif.parse(reportSarif(report, registry, options)).runs[0].results[0]?.partialFingerprints;
  });
  expect(prints[0]).toEqual(prints[1]);
});
