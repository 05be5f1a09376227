export type PagePicture = {
  name: string;
  note: string;
  before: { file: string; bytes: Buffer };
  after: { file: string; bytes: Buffer };
};
export type LedgerLine = {
  seq: number;
  kind: string;
  amount: number;
  balanceBefore: number;
  balanceAfter: number;
  cause: string;
  createdAt: string;
};

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const STYLE = `body{font:16px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;margin:2rem auto;max-width:1100px;padding:0 1rem;background:#f4f4f5;color:#18181b}
figure{display:inline-block;width:calc(50% - 1rem);margin:0 .4rem 1rem}img{width:100%;border:1px solid #d4d4d8;background:#fff}
table{border-collapse:collapse;background:#fff;width:100%}th,td{border:1px solid #e4e4e7;padding:.3rem .6rem;text-align:left}td.n{text-align:right;font-variant-numeric:tabular-nums}`;

/** Before and after side by side, then the account's ledger. */
export function page(pictures: readonly PagePicture[], ledger: readonly LedgerLine[]): string {
  const shown = pictures.map(
    (picture) => `<section><h2>${escapeHtml(picture.name)}</h2><p>${escapeHtml(picture.note)}</p>
<figure><img src="${escapeHtml(picture.before.file)}" alt=""><figcaption>处理前 before</figcaption></figure>
<figure><img src="${escapeHtml(picture.after.file)}" alt=""><figcaption>处理后 after</figcaption></figure></section>`,
  );
  const rows = ledger.map(
    (line) => `<tr><td class="n">${line.seq}</td><td>${escapeHtml(line.kind)}</td><td class="n">${line.amount}</td>
<td class="n">${line.balanceBefore}</td><td class="n">${line.balanceAfter}</td><td>${escapeHtml(line.cause)}</td><td>${escapeHtml(line.createdAt)}</td></tr>`,
  );
  return `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>云裳 Yunshang</title><style>${STYLE}</style>
<h1>云裳 · 服装清理增强</h1>${shown.join('\n')}
<h2>配额账本 ledger</h2><table><tr><th>#</th><th>类型 kind</th><th>数量 amount</th><th>之前 before</th><th>之后 after</th><th>原因 cause</th><th>时间 at</th></tr>${rows.join('\n')}</table></html>`;
}
