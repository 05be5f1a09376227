import { getRule, type Registry } from './registry.ts';
import type { Report, Where } from './report.ts';
import { whereText } from './verdict.ts';

/** The report as GitHub workflow commands, one line a finding, shown beside the line of the pull request. */
export function reportAnnotations(report: Report, registry: Registry): string {
  const findings = report.findings.map(({ ruleId, severity, where, message, evidence }) => {
    const rule = getRule(registry, ruleId);
    const text = [message.zh, message.en, ...evidence, `修复 ${rule.mend.zh}`, `mend ${rule.mend.en}`];
    const title = `${ruleId} ${rule.title.zh} · ${rule.title.en}`;
    return command(severity === 'FAIL' ? 'error' : 'warning', where, title, text.join('\n'));
  });
  const unjudged = report.unjudged.map(({ where, reason }) =>
    command('error', where, '无法判定 · could not judge', `${reason.zh}\n${reason.en}`),
  );
  return [...findings, ...unjudged, report.verdict].join('\n');
}

function command(level: 'error' | 'warning', where: Where, title: string, message: string): string {
  const isFile = 'file' in where;
  const properties = {
    ...(isFile && { file: where.file, line: where.line, col: where.column }),
    ...(isFile && where.endLine !== undefined && { endLine: where.endLine }),
    ...(isFile && where.endColumn !== undefined && { endColumn: where.endColumn }),
    title: isFile ? title : `${title} (${whereText(where)})`,
  };
  const list = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  return `::${level} ${list.join(',')}::${escapeData(message)}`;
}

// As @actions/core escapes them: what would end the command, and in properties what would end the property.
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
