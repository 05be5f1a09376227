import { createServer } from 'node:http';
import type { Yunshang } from '@yunshang/sdk';
import sharp from 'sharp';

export type SmallVendor = {
  /** `host:port`, for VENDOR_DEV_HOSTS. */
  host: string;
  /** Tasks it was asked to work on, oldest first, by account. */
  asked: Record<'first' | 'second', string[]>;
  /** How many of the first account's next calls answer 500; Infinity until it is set again. */
  failing: number;
  close(): Promise<void>;
};

/** Long enough for workers to be killed amid calls. */
const WORK_MS = 250;

/** A vendor of kind http with two accounts that draws one small picture. The second refuses whatever is called `spoilt`. */
export async function startSmallVendor(): Promise<SmallVendor> {
  const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#c2a878' } })
    .jpeg()
    .toBuffer();
  const answer = JSON.stringify({ image: picture.toString('base64') });
  const server = createServer((request, response) => {
    const account = request.url?.startsWith('/first') ? 'first' : 'second';
    const key = request.headers['idempotency-key'];
    if (typeof key === 'string') vendor.asked[account].push(key.slice(0, 26));
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const fails = account === 'first' ? (vendor.failing -= 1) >= 0 : body.includes('spoilt');
      setTimeout(() => response.writeHead(fails ? 500 : 200).end(fails ? '' : answer), WORK_MS);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const vendor: SmallVendor = {
    host: `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    asked: { first: [], second: [] },
    failing: 0,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => void server.close(closed));
    },
  };
  return vendor;
}

/** Puts `small_picture` live, by the operator's API: the first account, then the second, one try each. */
export async function openSmallPicture(ys: Yunshang, { host }: SmallVendor): Promise<void> {
  for (const account of ['first', 'second']) {
    const endpoints = {
      draw: {
        path: `/${account}/draw`,
        files: [{ name: 'image', kind: 'image', path: '$.image', encoding: 'base64' }],
      },
    };
    const limits = { weight: 1, timeoutSeconds: 10, maxConcurrency: 20, ratePerMinute: null, unitCostMicroYuan: 1_000 };
    const about = {
      providerRef: `small-${account}`,
      kind: 'http' as const,
      baseUrl: `http://${host}`,
      isEnabled: true,
    };
    await ys.providers.create({ provider: { ...about, ...limits, settings: { endpoints } } });
  }
  const featureId = 'small_picture';
  for (const [kind, body] of [
    ['form', FORM],
    ['pipeline', PIPELINE],
  ] as const) {
    const { version } = await ys.definitions.saveDraft({ featureId, kind, body });
    await ys.definitions.publish({ featureId, kind, version });
  }
  // Benches and floods use it as often as they like, which the guard warns of.
  await ys.definitions.create({ ...FEATURE, featureId }, { acknowledge: ['BG123'] });
}

const FORM = {
  fields: [{ key: 'name', type: 'text', label: '名称', required: true, validation: { maxLength: 50 } }],
  submitButton: '开始',
  layout: 'vertical',
};
const PIPELINE = {
  steps: [
    {
      name: 'draw',
      type: 'sync_api',
      endpoint: 'draw',
      providerCandidates: ['small-first', 'small-second'],
      inputMapping: { name: '${input_data.name}' },
      outputMapping: { image: '$.image' },
      timeoutSeconds: 60,
      retry: { maxAttempts: 1, delaySeconds: 0, backoff: 'fixed' },
    },
  ],
  onFailure: 'refund_quota',
  maxExecutionSeconds: 180,
};
const FEATURE = {
  title: '小图',
  description: '画一张小图',
  iconUrl: null,
  category: 'image',
  accessScope: 'plan',
  planRequired: null,
  allowedAccounts: null,
  isEnabled: true,
  quotaCost: 1,
  rateLimitPolicy: null,
  formVersion: 1,
  pipelineVersion: 1,
  outputType: 'singleImage',
  expectedOutputs: null,
  aiGenerated: false,
  saveToAssetLibrary: true,
  displayOrder: 90,
  weeklyBudgetFen: null,
};
