// Keeps docs/errors in step with the error catalogue: node --conditions=yunshang-src scripts/error-pages.ts [--check]
// Facts (status, texts, retryable) and the index are made; what each error means and what to do is written by hand.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export type CatalogueEntry = { status: number; zh: string; en: string; retryable: boolean };
export type Catalogue = Readonly<Record<string, CatalogueEntry>>;

const FACTS = /<!-- facts -->[\s\S]*?<!-- \/facts -->/;
/** What every page must say by hand. */
const SECTIONS = ['**When.** ', '**What to do.** ', '**何时出现。** ', '**怎么办。** ', '**`details`:** '];
const INDEX = 'README.md';

/** What is wrong with the pages of a folder, one line each; nothing when all agree with the catalogue. */
export function findFaults(folder: string, catalogue: Catalogue): string[] {
  const pages = readdirSync(folder).filter((file) => file.endsWith('.md') && file !== INDEX);
  const strays = pages.filter((file) => !Object.hasOwn(catalogue, file.slice(0, -'.md'.length)));
  const index = join(folder, INDEX);
  return [
    ...strays.map((file) => `${file}: no such code in the catalogue; delete the page`),
    ...Object.entries(catalogue).flatMap(([code, entry]) => faultsOf(folder, code, entry)),
    ...(existsSync(index) && readFileSync(index, 'utf8') === indexOf(catalogue) ? [] : [`${INDEX}: ${OUT_OF_STEP}`]),
  ];
}

/** Writes the facts into each page and the index. Pages that are missing are left for a person to write. */
export function writeFacts(folder: string, catalogue: Catalogue): void {
  for (const [code, entry] of Object.entries(catalogue)) {
    const file = join(folder, `${code}.md`);
    if (existsSync(file))
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replace(FACTS, () => factsOf(entry)),
      );
  }
  writeFileSync(join(folder, INDEX), indexOf(catalogue));
}

const OUT_OF_STEP = 'is out of step; run node --conditions=yunshang-src scripts/error-pages.ts';

function faultsOf(folder: string, code: string, entry: CatalogueEntry): string[] {
  const file = join(folder, `${code}.md`);
  if (!existsSync(file)) return [`${code}.md: there is no page for the code; write when it comes and what to do`];
  const text = readFileSync(file, 'utf8');
  const missing = SECTIONS.filter((section) => !hasText(text, section));
  return [
    ...(text.startsWith(`# ${code}\n`) ? [] : [`${code}.md: does not begin with its code`]),
    ...(FACTS.exec(text)?.[0] === factsOf(entry) ? [] : [`${code}.md: ${OUT_OF_STEP}`]),
    ...missing.map((section) => `${code}.md: says nothing under ${section.trim()}`),
  ];
}

function hasText(text: string, section: string): boolean {
  const at = text.indexOf(section);
  return (
    at >= 0 &&
    text
      .slice(at + section.length)
      .split('\n')[0]
      ?.trim() !== ''
  );
}

function factsOf({ status, zh, en, retryable }: CatalogueEntry): string {
  return [
    '<!-- facts -->',
    '',
    '| HTTP | 中文 | English | retryable 可重试 |',
    '|---|---|---|---|',
    `| ${status} | ${zh} | ${en} | ${retryable ? 'yes 是' : 'no 否'} |`,
    '',
    '<!-- /facts -->',
  ].join('\n');
}

function indexOf(catalogue: Catalogue): string {
  const rows = Object.entries(catalogue).map(
    ([code, { status, zh, en, retryable }]) =>
      `| [${code}](${code}.md) | ${status} | ${zh} | ${en} | ${retryable ? 'yes 是' : ''} |`,
  );
  return `# Errors 错误码

Every error of the API has one stable code, the same on tRPC, REST and in the SDK. The HTTP status follows from the code.
\`retryable\` says that the same call can succeed later without being changed.
所有错误都有唯一且稳定的错误码，tRPC、REST 与 SDK 一致；HTTP 状态码由错误码决定。“可重试”表示同样的请求稍后可能成功。

The SDK adds five of its own, where the API had no say: \`NETWORK_ERROR\`, \`TIMEOUT\`, \`ABORTED\`, \`UPLOAD_FAILED\`, \`ORDER_NOT_PAID\`.
SDK 自身另有五个错误码（API 未参与时）：同上。

| code | HTTP | 中文 | English | retryable 可重试 |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { ERRORS, HTTP_STATUS } = await import('../packages/contracts/src/index.ts');
  const folder = join(import.meta.dirname, '..', 'docs', 'errors');
  const catalogue = Object.fromEntries(
    Object.entries(ERRORS).map(([code, entry]) => [code, { ...entry, status: HTTP_STATUS[entry.status] }]),
  );
  if (!process.argv.includes('--check')) writeFacts(folder, catalogue);
  const faults = findFaults(folder, catalogue);
  for (const fault of faults) console.error(fault);
  console.log(
    faults.length === 0 ? `${Object.keys(catalogue).length} codes, each with its page` : `${faults.length} faults`,
  );
  process.exitCode = faults.length === 0 ? 0 : 1;
}
