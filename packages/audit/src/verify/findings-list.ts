import type { AuditFinding, AuditFindingKind } from '@yunshang/contracts';

/** Findings are listed up to here; who changed a thousand rows is found by the first. */
const MOST_FINDINGS = 100;

export type FindingsList = {
  add(kind: AuditFindingKind, at: { where: string; id: string | number }, detail: string): void;
  readonly all: readonly AuditFinding[];
  readonly more: boolean;
};

export function findingsList(): FindingsList {
  const all: AuditFinding[] = [];
  let more = false;
  return {
    add: (kind, { where, id }, detail) => {
      if (all.length >= MOST_FINDINGS) more = true;
      else all.push({ kind, where, id: String(id), detail });
    },
    all,
    get more() {
      return more;
    },
  };
}
