/** Longer texts are left to the server: a bad pattern could keep a backtracking engine busy. */
const MAX_LENGTH = 200;

/**
 * Whether the whole text fits the pattern, by the platform's RegExp. Patterns are RE2's, whose engine runs at the server
 * and is too large to ship; where both might differ this says yes and the server decides.
 */
export function fitsPattern(pattern: string, text: string): boolean {
  if (text.length > MAX_LENGTH || hasForeignSpace(text) || pattern.includes('[:')) return true;
  const regex = compile(pattern);
  return regex === undefined || regex.test(text);
}

/** Blanks and line ends that `\s` or `.` take in one engine only. */
function hasForeignSpace(text: string): boolean {
  return /[^\S\t\n\f ]/u.test(text);
}

/** The u flag refuses what RegExp would otherwise read differently, such as \pL, \A or \Q. */
function compile(pattern: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u');
  } catch {
    return undefined;
  }
}
