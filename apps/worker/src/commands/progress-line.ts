export type ProgressLine = {
  show(text: string): void;
  clear(): void;
};

/** One line that is written over on a terminal, on standard error; nothing elsewhere. */
export function progressLine(): ProgressLine {
  const { stderr } = process;
  let shownMs = 0;
  return {
    show: (text) => {
      if (!stderr.isTTY || performance.now() - shownMs < 100) return;
      shownMs = performance.now();
      stderr.write(`\r\u001B[K${text}`);
    },
    clear: () => {
      if (stderr.isTTY && shownMs > 0) stderr.write('\r\u001B[K');
      shownMs = 0;
    },
  };
}
