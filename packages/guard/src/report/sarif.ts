import type { Registry } from './registry.ts';
import type { Finding, FileWhere, Report, Suppressed, Unjudged, Where } from './report.ts';
import type { RuleDoc, Severity } from './rule-doc.ts';
import { whereText } from './verdict.ts';

const LEVEL = { FAIL: 'error', WARNING: 'warning' } as const satisfies Record<Severity, string>;

/** The report in SARIF 2.1.0, as code scanning takes it. `docsUrl` is the folder of the rules' pages, ending in a slash. */
export function reportSarif(report: Report, registry: Registry, { docsUrl }: { docsUrl: string }): object {
  const rules = [...registry.values()];
  const indexOf = new Map(rules.map(({ id }, index) => [id, index]));
  const resultOf = (finding: Finding) => ({ ...result(finding), ruleIndex: indexOf.get(finding.ruleId) ?? -1 });
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'billing-guard', rules: rules.map((rule) => reportingDescriptor(rule, docsUrl)) } },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: report.unjudged.length === 0,
            toolExecutionNotifications: report.unjudged.map(notification),
          },
        ],
        results: [
          ...report.findings.map(resultOf),
          ...report.suppressed.map((suppressed) => ({ ...resultOf(suppressed.finding), ...suppression(suppressed) })),
        ],
        properties: { verdict: report.verdict },
      },
    ],
  };
}

function reportingDescriptor(rule: RuleDoc, docsUrl: string): object {
  return {
    id: rule.id,
    name: rule.id,
    shortDescription: { text: `${rule.title.zh} · ${rule.title.en}` },
    fullDescription: { text: `${rule.why.zh}\n${rule.why.en}` },
    help: { text: `${rule.mend.zh}\n${rule.mend.en}` },
    helpUri: `${docsUrl}${rule.id}.md`,
    defaultConfiguration: { level: LEVEL[rule.severity] },
    properties: { tags: ['billing', rule.area] },
  };
}

function result({ ruleId, severity, message, where, evidence }: Finding) {
  return {
    ruleId,
    level: LEVEL[severity],
    message: { text: [message.zh, message.en, ...evidence].join('\n') },
    locations: [location(where)],
    // Holds while lines move: the rule, where it is, and what it says, without figures.
    partialFingerprints: {
      'billingGuard/v1': `${ruleId}:${fingerprintPlace(where)}:${message.en.replaceAll(/\d+/g, '#')}`,
    },
  };
}

function fingerprintPlace(where: Where): string {
  return 'file' in where ? where.file : whereText(where);
}

function location(where: Where): object {
  if ('file' in where) return { physicalLocation: physicalLocation(where) };
  return {
    logicalLocations: [{ fullyQualifiedName: whereText(where), kind: 'path' in where ? 'object' : 'resource' }],
  };
}

function physicalLocation({ file, line, column, endLine, endColumn }: FileWhere): object {
  return {
    artifactLocation: { uri: encodeURI(file), uriBaseId: '%SRCROOT%' },
    region: { startLine: line, startColumn: column, ...(endLine && { endLine }), ...(endColumn && { endColumn }) },
  };
}

function suppression({ reason }: Suppressed): object {
  return { suppressions: [{ kind: 'inSource', status: 'accepted', justification: reason }] };
}

function notification({ where, reason }: Unjudged): object {
  return { level: 'error', message: { text: `${reason.zh}\n${reason.en}` }, locations: [location(where)] };
}
