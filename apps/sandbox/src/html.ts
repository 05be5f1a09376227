/** Text made safe inside HTML and quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

const STYLE = `body{font:16px/1.6 system-ui,"PingFang SC","Noto Sans CJK SC",sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1f2328}
h1{font-size:1.4rem}table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #d0d7de;padding:.4rem .6rem;text-align:left}
button{font:inherit;padding:.6rem 2rem;border:0;border-radius:.4rem;background:#07c160;color:#fff;cursor:pointer}
.card{max-width:22rem;margin:2rem auto;text-align:center}.quiet{color:#656d76}.big{font-size:2rem}code{word-break:break-all}`;

/** A whole page. `body` is HTML that the caller has escaped. */
export function page(title: string, body: string): string {
  return `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body>${body}</body></html>`;
}

/** A table from rows of HTML cells, or a line saying that there is nothing. */
export function table(head: string[], rows: string[][]): string {
  if (rows.length === 0) return '<p class="quiet">暂无 · none</p>';
  return `<table>${tableRow(head, 'th')}${rows.map((row) => tableRow(row, 'td')).join('')}</table>`;
}

function tableRow(cells: string[], tag: 'th' | 'td'): string {
  return `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
}

/** Integer fen as yuan: 9900 → ¥99.00. */
export function yuan(totalFen: number): string {
  return `¥${Math.floor(totalFen / 100)}.${String(totalFen % 100).padStart(2, '0')}`;
}
