import { describe, expect, it } from 'vitest';
import { billTime, wholeNumber, yuanToFen, yuanToMicroYuan } from './cells.ts';
import { FUND_FLOW_BILL } from './fund-flow-bill.ts';
import { type BillEnd, readBill } from './read-bill.ts';
import { TRADE_BILL, type TradeRow } from './trade-bill.ts';

const HEADER =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注';
const PAID =
  '`2019-11-03 19:12:02,`wxdf,`1393091302,`0,`,`4200000451201911032334502019,`1572779359488bfffqlj,`o1gs,`NATIVE,`SUCCESS,`CFT,`CNY,`0.01,`0.00,`0,`0,`0.00,`0.00,`,`,`衣服,两件,`,`0.00001,`0.60%,`0.01,`0.00,`';
const REFUNDED =
  '`2019-11-03 20:00:00,`wxdf,`1393091302,`0,`,`4200000451201911032334502019,`1572779359488bfffqlj,`o1gs,`NATIVE,`REFUND,`CFT,`CNY,`0.00,`0.00,`50000000001,`R1,`0.01,`0.00,`ORIGINAL,`PROCESSING,`衣服,`,`0.00000,`0.60%,`0.00,`0.01,`';
const SUMS = '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额';
const SAID = '`2,`0.01,`0.01,`0.00,`0.00001,`0.01,`0.01';
const BILL = [HEADER, PAID, REFUNDED, SUMS, SAID, ''].join('\n');

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(text: string | Buffer, size = 7): Promise<BillEnd & { all: TradeRow[] }> {
  const all: TradeRow[] = [];
  const end = await readBill(inPieces(Buffer.from(text), size), TRADE_BILL, async (rows) => void all.push(...rows));
  return { ...end, all };
}

describe('a cell', () => {
  it.each([
    ['99.00', 9900],
    ['0.07', 7],
    ['-0.10', -10],
    ['-0.00', 0],
    ['12', 1200],
    ['1.5', 150],
    ['0.01000', 1],
  ])('%s yuan is %i fen', (text, fen) => {
    expect(yuanToFen(text)).toBe(fen);
  });

  it.each(['', '.', '1.', '.5', '1,000.00', '0.001', '1e3', '٣.00', ' 1.00', '99999999999.00', 'NaN', '--1'])(
    '%j is no amount in fen',
    (text) => {
      expect(yuanToFen(text)).toBeUndefined();
    },
  );

  it('keeps five decimals of a fee exactly, where floats do not', () => {
    expect(yuanToMicroYuan('0.59400')).toBe(594_000);
    expect(yuanToMicroYuan('1111111.11111')).toBe(1_111_111_111_110);
    expect(yuanToMicroYuan('0.0000001')).toBeUndefined();
  });

  it('is a time in Shanghai or none', () => {
    expect(billTime('2026-01-15 00:00:00')?.toISOString()).toBe('2026-01-14T16:00:00.000Z');
    expect([billTime('2026-02-30 25:00:00'), billTime('2026-01-15'), wholeNumber('1.0')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('a trade bill', () => {
  it('gives its rows and agrees with its summary, in whatever pieces it comes', async () => {
    for (const size of [1, 2, 3, 64, 100_000]) {
      const { all, summary, badRows, rows } = await read(BILL, size);
      expect({ summary, badRows, rows }).toEqual({ summary: 'agrees', badRows: 0, rows: 2 });
      expect(all[0]).toMatchObject({
        amountFen: 1,
        feeMicroYuan: 10,
        outTradeNo: '1572779359488bfffqlj',
        refund: undefined,
      });
      expect(all[1]?.refund).toEqual({ refundId: '50000000001', outRefundNo: 'R1', amountFen: 1, state: 'PROCESSING' });
    }
  });

  it.each([
    ['a BOM', `\uFEFF${BILL}`],
    ['CRLF', BILL.replaceAll('\n', '\r\n')],
    ['no line feed at its end', BILL.trimEnd()],
    ['refunds not counted as trades', BILL.replace('`2,`0.01', '`1,`0.01')],
  ])('may have %s', async (_what, text) => {
    expect(await read(text)).toMatchObject({ summary: 'agrees', badRows: 0, rows: 2 });
  });

  it('is read by the names of its columns', async () => {
    const turned = BILL.split('\n').map((line, index) =>
      index < 3
        ? (index === 0 ? line.split(',') : line.slice(1).split(',`'))
            .toReversed()
            .map((cell) => (index === 0 ? cell : `\`${cell}`))
            .join(',')
        : line,
    );
    expect((await read(turned.join('\n'))).all).toEqual((await read(BILL)).all);
  });

  it('cut anywhere before its summary is known to be cut, and its last half row is no garbage', async () => {
    const bytes = Buffer.from(BILL);
    const until = bytes.indexOf(Buffer.from(SAID));
    for (let length = Buffer.byteLength(HEADER) + 1; length <= until; length += 11) {
      const end = await read(bytes.subarray(0, length), 64);
      expect({ length, summary: end.summary, badRows: end.badRows }).toEqual({
        length,
        summary: 'missing',
        badRows: 0,
      });
    }
  });

  it('whose summary disagrees says where', async () => {
    const { summary, differences } = await read(BILL.replace('`2,`0.01,`0.01', '`2,`0.02,`x'));
    expect(summary).toBe('differs');
    expect(differences).toEqual([
      { name: '应结订单总金额', said: '0.02', summed: 1 },
      { name: '退款总金额', said: 'x', summed: 1 },
    ]);
  });

  it('counts what is no row, names where it is, and goes on', async () => {
    const strange = [
      'garbage',
      '`a,`b',
      PAID.replace('`0.01,`0.00,`\n', '`'),
      PAID.replace('SUCCESS', 'SOMETHING'),
      'x'.repeat(40_000),
    ];
    const { rows, badRows, badLines } = await read([HEADER, ...strange, PAID, REFUNDED, SUMS, SAID].join('\n'));
    expect({ rows, badRows, badLines }).toEqual({ rows: 3, badRows: 4, badLines: [2, 3, 5, 6] });
  });

  it('without a column that is needed has no header, and none of its lines is believed', async () => {
    expect(await read(BILL.replace('手续费,费率,', '费率,'))).toMatchObject({ hasHeader: false, rows: 0 });
    expect(await read('')).toMatchObject({ hasHeader: false, summary: 'missing' });
  });

  it('made of anything at all ends and never throws', async () => {
    let seed = 42;
    const next = (below: number): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
    const bytes = Buffer.from(BILL);
    for (let round = 0; round < 300; round += 1) {
      const bent = Buffer.from(bytes);
      for (let hit = 0; hit <= next(8); hit += 1) bent[next(bent.length)] = next(256);
      const cut = bent.subarray(0, next(10) === 0 ? next(bent.length) : bent.length);
      const { all, rows, summary } = await read(cut, 1 + next(300));
      expect(all.length).toBe(rows);
      for (const row of all) expect(Number.isSafeInteger(row.amountFen) && !Number.isNaN(row.at.getTime())).toBe(true);
      const paid = all.reduce((sum, { amountFen }) => sum + amountFen, 0);
      expect(summary !== 'agrees' || rows !== 2 || paid === 1).toBe(true);
    }
  });
});

it('a fund-flow bill gives signed movements and checks both sides of its summary', async () => {
  const text = [
    '记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号',
    '`2026-01-15 12:00:00,`42,`1,`交易,`交易,`收入,`99.00,`100.00,`system,`,`42',
    '`2026-01-15 12:00:00,`42,`2,`扣除交易手续费,`扣除交易手续费,`支出,`0.59,`99.41,`system,`,`42',
    '资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额',
    '`2,`1,`99.00,`1,`0.59',
  ].join('\n');
  const amounts: number[] = [];
  const end = await readBill(
    inPieces(Buffer.from(text), 50),
    FUND_FLOW_BILL,
    async (rows) => void amounts.push(...rows.map(({ amountFen }) => amountFen)),
  );
  expect(amounts).toEqual([9900, -59]);
  expect(end).toMatchObject({ summary: 'agrees', badRows: 0 });
});
