import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { beijingTime } from '../beijing-time.ts';
import { runVendorCall, VendorError } from '../vendor-call.ts';
import { refusal, type Success } from './answers.ts';
import { createAuthorizer } from './authorization.ts';
import type { BillKind } from './bill-plan.ts';
import { billRows } from './bill-rows.ts';
import { billFile } from './bill-text.ts';
import { createMerchantApi, type MerchantApiDeps } from './merchant-api.ts';

const TOKEN_LIFE_MS = 5 * 60_000;
const KEPT_MS = 92 * 24 * 3_600_000;
const packing = z.enum(['GZIP']).optional();
const QUERIES = {
  trade: z.object({ bill_date: z.iso.date(), bill_type: z.enum(['ALL']).default('ALL'), tar_type: packing }),
  fund_flow: z.object({ bill_date: z.iso.date(), account_type: z.enum(['BASIC']).default('BASIC'), tar_type: packing }),
} as const satisfies Record<BillKind, z.ZodType>;
const PATHS = { trade: '/v3/bill/tradebill', fund_flow: '/v3/bill/fundflowbill' } as const;
const ACTIONS = { trade: 'TradeBill', fund_flow: 'FundFlowBill' } as const;

type Offered = { bytes: Buffer; until: number };

/** The merchant API's bills of a day, and the files they point at. The answers are signed, the files are not. */
export function registerBills(app: FastifyInstance, deps: MerchantApiDeps): void {
  const { config, now, wechat } = deps;
  const run = createMerchantApi(deps);
  const authorize = createAuthorizer(config.wechat, now);
  const offers = new Map<string, Offered>();

  const offer = (request: FastifyRequest, kind: BillKind): Success => {
    const query = QUERIES[kind].safeParse(request.query);
    if (!query.success) throw new VendorError(400, 'PARAM_ERROR', '参数错误');
    const { bill_date: day, tar_type: packed } = query.data;
    const plan = wechat.bills.of(kind, day);
    if (wechat.bills.takeCreating(kind, day)) throw new VendorError(400, 'STATEMENT_CREATING', '账单生成中');
    refuseDay(day, now(), plan.bends.includes('early'));
    const rows = plan.bends.includes('absent') ? [] : billRows(kind, wechat.orders.list(), { day, edits: plan.edits });
    if (rows.length === 0) throw new VendorError(400, 'NO_STATEMENT_EXIST', '账单不存在');
    const file = billFile(kind, rows, plan);
    for (const [token, { until }] of offers) if (until < now().getTime()) offers.delete(token);
    const token = randomBytes(24).toString('base64url');
    offers.set(token, {
      bytes: packed === 'GZIP' ? file.packed : file.plain,
      until: now().getTime() + TOKEN_LIFE_MS,
    });
    const download = `https://api.mch.weixin.qq.com/v3/billdownload/file?token=${token}`;
    return { status: 200, json: { hash_type: 'SHA1', hash_value: file.hash, download_url: download } };
  };

  for (const kind of ['trade', 'fund_flow'] as const)
    app.get(PATHS[kind], (request, reply) =>
      run(request, reply, { action: ACTIONS[kind], perform: () => offer(request, kind) }),
    );

  app.get<{ Querystring: { token?: string } }>('/v3/billdownload/file', (request, reply) =>
    runVendorCall(deps, reply, {
      vendor: 'wechat',
      action: 'DownloadBill',
      ids: {},
      authenticate: () => authorize(request),
      perform() {
        const offered = offers.get(request.query.token ?? '');
        if (offered === undefined || offered.until < now().getTime())
          throw new VendorError(400, 'PARAM_ERROR', '下载链接已失效');
        return { status: 200, headers: { 'Content-Type': 'application/octet-stream' }, body: offered.bytes };
      },
      refuse: refusal,
    }),
  );
}

/** There is none of today, nor of longer ago than three months. */
function refuseDay(day: string, at: Date, isEarly: boolean): void {
  const isOver = day < beijingTime(at).slice(0, 10);
  const isKept = day >= beijingTime(new Date(at.getTime() - KEPT_MS)).slice(0, 10);
  if ((!isOver && !isEarly) || !isKept) throw new VendorError(400, 'INVALID_REQUEST', '账单日期不合法');
}
