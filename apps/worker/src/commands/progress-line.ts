export type ProgressLine = {
  show(done: number, of: number): void;
  clear(): void;
};

/** One line that counts up on a terminal, on standard error; nothing elsewhere. */
export function progressLine(what: string): ProgressLine {
  const { stderr } = process;
  let shownMs = 0;
  return {
    show: (done, of) => {
      if (!stderr.isTTY || performance.now() - shownMs < 100) return;
      shownMs = performance.now();
      const percent = of === 0 ? 100 : Math.floor((100 * done) / of);
      stderr.write(`\r${percent} % (${done} of ${of} ${what})   `);
    },
    clear: () => {
      if (stderr.isTTY && shownMs > 0) stderr.write('\r\u001B[K');
      shownMs = 0;
    },
  };
}
