import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BillGateway, BillKind } from '../payments/wechat/bill.gateway.ts';
import { judgeBill } from './bill/bill-file.ts';

/** Where bills are kept for an audit; nobody but us can read there. */
export type BillArchive = {
  keep(key: string, file: { path: string; bytes: number }): Promise<void>;
};

export type FetchedBill =
  | { state: 'absent' }
  | { state: 'creating' }
  /** As its hash says. */
  | { state: 'ready'; path: string; sha1: string; bytes: number; object: string }
  | { state: 'damaged'; why: 'hash_differs' | 'unpackable'; sha1: string; bytes: number; object: string };

/** What went wrong on its way comes right the second time. */
const TRIES = 2;

/** Fetches a day's bill into the folder and keeps it, whole or damaged. */
export async function fetchBill(
  deps: { bills: BillGateway; archive: BillArchive },
  of: { kind: BillKind; day: string; folder: string },
): Promise<FetchedBill> {
  const path = join(of.folder, `${of.kind}.gz`);
  for (let attempt = 1; ; attempt += 1) {
    const offer = await deps.bills.find(of.kind, of.day);
    if (offer.state !== 'ready') return { state: offer.state };
    await deps.bills.download(offer.downloadUrl, path);
    const { size: bytes } = await stat(path);
    const verdict = await judgeBill(path, offer.sha1);
    if (verdict !== 'intact' && attempt < TRIES) continue;
    const mark = verdict === 'intact' ? '' : '-damaged';
    const object = `reconciliation/${of.day}/${of.kind}-${offer.sha1}${mark}.csv.gz`;
    await deps.archive.keep(object, { path, bytes });
    const kept = { sha1: offer.sha1, bytes, object };
    return verdict === 'intact' ? { state: 'ready', path, ...kept } : { state: 'damaged', why: verdict, ...kept };
  }
}
