import { inflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Report } from '@yunshang/contracts';
import { canonicalJson, sha256Of } from './canonical.ts';
import { periodOf } from './period.ts';
import { reportFile } from './report-file.ts';
import { emptyFigures, reportOf } from './report-figures.ts';
import { exactYuanText } from './report-tables.ts';

function sample(): Report {
  const figures = emptyFigures({ quota: 10, members: 2 });
  const line = { paidFen: 9_900, refundedFen: 0, netFen: 9_900, costMicroYuan: 1_544, spentQuota: 3 };
  return reportOf(
    periodOf('month', '2026-10'),
    {
      ...figures,
      revenue: { ...figures.revenue, paidFen: 9_905, payments: 1, refundedFen: 20_000, refunds: 2, netFen: -10_095 },
      costItems: [{ item: '=HYPERLINK("http://x","y")', entries: 1, microYuan: 1_544 }],
      corrections: [{ of: '2026-09', ledger: 'money', kind: 'refund', late: true, rows: 1, amount: -5 }],
    },
    [{ period: '2026-10-01', ...line }],
  );
}

const textOf = async (format: 'csv' | 'json' | 'svg'): Promise<string> =>
  Buffer.from((await reportFile(sample(), format)).bytes).toString();

test('JSON has the bytes that the hash is of: sorted keys, no spaces, whole numbers', async () => {
  const text = await textOf('json');
  expect(text.startsWith('{"arpuFen":-5048,"corrections":[{"amount":-5,')).toBe(true);
  expect(sha256Of(text)).toBe(sha256Of(canonicalJson(JSON.parse(text))));
  expect(text).not.toMatch(/\d\.\d+[,}\]]/);
  for (const value of [0.1, new Date(0), undefined, { at: new Date(0) }, [Number.NaN]])
    expect(() => canonicalJson(value)).toThrow(/has no exact text|have a canonical text/);
});

test('CSV has a BOM, Chinese headings, exact yuan, and no formula', async () => {
  const text = await textOf('csv');
  expect(text.codePointAt(0)).toBe(0xfeff);
  const lines = text.slice(1).split('\r\n');
  expect(lines.slice(0, 3)).toEqual(['云裳经营月报 2026-10', '项目,数值', '收款（元）,99.05']);
  expect(lines).toContain('净收入（元）,-100.95');
  expect(lines).toContain('"\'=HYPERLINK(""http://x"",""y"")",1,0.001544,0.00');
  expect(lines).toContain('2026-09,资金,退回,是,1,-0.05');
});

test('micro-yuan are written to the last digit', () => {
  expect([0, 1, 1_544, -10_000, 123_456_789].map(exactYuanText)).toEqual([
    '0.000000',
    '0.000001',
    '0.001544',
    '-0.010000',
    '123.456789',
  ]);
});

test('the picture shows net revenue, cost and profit with their exact amounts', async () => {
  const text = await textOf('svg');
  expect(text.match(/<rect [^>]*><title>/g)).toHaveLength(3);
  expect(text).toContain('<title>10-01 净收入 99.00 元</title>');
  expect(text).not.toMatch(/NaN|Infinity|\d\.\d{3,}/);
});

/** The files in a ZIP, by its own directory at the end. */
function unzip(bytes: Uint8Array): Map<string, string> {
  const zip = Buffer.from(bytes);
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  const files = new Map<string, string>();
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [method, size] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20)];
    const [name, extra, comment] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32)];
    const local = zip.readUInt32LE(at + 42);
    const begin = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const packed = zip.subarray(begin, begin + size);
    const text = method === 0 ? packed : inflateRawSync(packed);
    files.set(zip.subarray(at + 46, at + 46 + name).toString(), text.toString());
    at += 46 + name + extra + comment;
  }
  return files;
}

test('XLSX holds whole fen under a format that shows yuan, words as words, and no formula', async () => {
  const { bytes, contentType } = await reportFile(sample(), 'xlsx');
  expect(contentType).toMatch(/spreadsheetml/);
  const files = unzip(bytes);
  const sheets = [...files].filter(([name]) => /worksheets\/sheet\d+\.xml$/.test(name)).map(([, text]) => text);
  expect(sheets).toHaveLength(4);
  const numbers = sheets.flatMap((text) => [...text.matchAll(/<v>([^<]*)<\/v>/g)].map((match) => match[1] ?? ''));
  expect(numbers).toContain('-10095');
  expect(numbers).toContain('1544');
  expect(numbers.filter((text) => !/^-?\d+$/.test(text))).toEqual([]);
  expect(sheets.join('')).not.toContain('<f>');
  expect([...files.values()].join('')).toContain('0&quot;.&quot;00');
  expect([...files.values()].join('')).toContain('=HYPERLINK');
});
