import { relative, resolve } from 'node:path';
import { checkTree } from '../code/check-tree.ts';
import { UsageError, type Command } from './command.ts';
import { printReport, readFormat, REPORT_OPTIONS } from './print-report.ts';

/** `billing-guard check`: BG2xx. */
export const checkCommand: Command = {
  usage: 'check <path> [--with-tests]',
  says: '审查代码 · TypeScript and JavaScript of any repository; no configuration',
  options: { ...REPORT_OPTIONS, 'with-tests': { type: 'boolean', default: false } },
  run: async (typed, io) => {
    const { words, options } = typed;
    readFormat(options.format);
    const [path, ...more] = words;
    if (path === undefined || more.length > 0) throw new UsageError('name one folder or file to look at');
    const root = resolve(io.cwd, path);
    // Named as somebody who stands here would, so that annotations find the files.
    const isBelow = !relative(io.cwd, root).startsWith('..');
    const report = checkTree(root, {
      withTests: options['with-tests'] === true,
      ...(isBelow && { from: io.cwd }),
    });
    return printReport(report, typed, io);
  },
};
