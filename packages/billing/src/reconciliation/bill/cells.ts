/** Largest whole part: a thousand million yuan, in fen still an INT's worth of decimals away from what is exact. */
const YUAN = /^(-?)(\d{1,10})(?:\.(\d{1,6}))?$/;

/** `12.34` yuan as parts of which `digits` decimals make a whole; undefined where it is no such amount. Never by way of a float. */
function parts(text: string, digits: number): number | undefined {
  const match = YUAN.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', decimals = ''] = match;
  if (!/^0*$/.test(decimals.slice(digits))) return undefined;
  const value = Number(`${whole}${decimals.slice(0, digits).padEnd(digits, '0')}`);
  if (!Number.isSafeInteger(value)) return undefined;
  return sign === '-' && value !== 0 ? -value : value;
}

/** Yuan with up to two decimals, in fen. */
export function yuanToFen(text: string): number | undefined {
  return parts(text, 2);
}

/** Yuan with up to six decimals (fees have five), in micro-yuan. */
export function yuanToMicroYuan(text: string): number | undefined {
  return parts(text, 6);
}

export function wholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

const TIME = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})$/;

/** `2026-01-15 12:00:00` in Asia/Shanghai. */
export function billTime(text: string): Date | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const time = new Date(`${match[1]}T${match[2]}+08:00`);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
