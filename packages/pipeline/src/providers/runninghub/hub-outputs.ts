import { z } from 'zod';
import type { Download } from '../download.ts';
import { ProviderFailure } from '../provider.ts';
import type { RunningHubSettings, Workflow } from '../provider-settings.ts';

const amount = z.union([z.string(), z.number()]).nullish();
const rowSchema = z.looseObject({
  fileUrl: z.string(),
  fileType: z.string().nullish(),
  nodeId: z.union([z.string(), z.number()]).nullish(),
  consumeMoney: amount,
  thirdPartyConsumeMoney: amount,
  consumeCoins: amount,
});
const rowsSchema = z.array(rowSchema).max(200);
export type HubRow = z.infer<typeof rowSchema>;

export function readRows(data: unknown): HubRow[] {
  const rows = rowsSchema.safeParse(data);
  if (!rows.success) throw new ProviderFailure('vendor', 'answer_unreadable');
  return rows.data;
}

/** What the task cost, said on every row of it; undefined when none says. */
export function costOf(
  rows: readonly Pick<HubRow, 'consumeMoney' | 'thirdPartyConsumeMoney' | 'consumeCoins'>[],
  { microYuanPerCoin }: RunningHubSettings,
): number | undefined {
  const costs = rows.flatMap((row) => {
    const money = [row.consumeMoney, row.thirdPartyConsumeMoney].map(microYuanOf).filter((part) => part !== undefined);
    const coins = microYuanOf(row.consumeCoins);
    const parts = coins === undefined ? money : [...money, Math.ceil((coins / 1_000_000) * microYuanPerCoin)];
    return parts.length === 0 ? [] : [parts.reduce((sum, part) => sum + part, 0)];
  });
  return costs.length === 0 ? undefined : Math.min(Math.max(...costs), 2_000_000_000);
}

/** Decimal text to millionths, exactly, rounded up. */
export function microYuanOf(value: string | number | null | undefined): number | undefined {
  const match = /^(\d{1,9})(?:\.(\d+))?$/.exec(String(value ?? '').trim());
  if (match === null) return undefined;
  const digits = (match[2] ?? '').padEnd(6, '0');
  const rest = /[1-9]/.test(digits.slice(6)) ? 1 : 0;
  return Number(match[1]) * 1_000_000 + Number(digits.slice(0, 6)) + rest;
}

const KINDS: Readonly<Record<string, Download['kind']>> = {
  jpg: 'image',
  jpeg: 'image',
  png: 'image',
  webp: 'image',
  mp4: 'video',
  txt: 'text',
};

/** The files of the task for each output of its workflow, in the vendor's order. */
export function sortOut(
  rows: readonly HubRow[],
  outputs: Workflow['outputs'],
): { name: string; many: boolean; files: Download[] }[] {
  return outputs.map(({ name, kind, many, nodeIds }) => {
    const files = rows
      .filter((row) => kindOf(row) === kind && (nodeIds === undefined || nodeIds.includes(String(row.nodeId))))
      .map((row) => ({ url: row.fileUrl, kind }));
    return { name, many, files: many ? files : files.slice(0, 1) };
  });
}

function kindOf({ fileType, fileUrl }: HubRow): Download['kind'] | undefined {
  const extension = /\.([a-z0-9]{2,5})$/i.exec(URL.parse(fileUrl)?.pathname ?? '')?.[1] ?? '';
  return KINDS[(fileType ?? extension).toLowerCase()] ?? KINDS[extension.toLowerCase()];
}
