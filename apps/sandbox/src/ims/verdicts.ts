import type { Verdict } from './verdict.ts';

const PASS: Verdict = { suggestion: 'Pass', subLabel: '' };

/** What the moderator thinks of pictures, by their bytes: everything passes unless somebody said otherwise. */
export type Verdicts = {
  set(sha256: string, verdict: Verdict): void;
  of(sha256: string): Verdict;
  list(): { sha256: string; verdict: Verdict }[];
  reset(): void;
};

export function createVerdicts(): Verdicts {
  const known = new Map<string, Verdict>();
  return {
    set: (sha256, verdict) => void known.set(sha256, verdict),
    of: (sha256) => known.get(sha256) ?? PASS,
    list: () => [...known].map(([sha256, verdict]) => ({ sha256, verdict })),
    reset: () => known.clear(),
  };
}
