import { createHash } from 'node:crypto';
import { AppError } from '@yunshang/contracts';
import { ImageRefused, inspectImage } from '@yunshang/image-engine';
import { filmFacts, LabelFailed } from '@yunshang/labels';
import type { AssetRow } from '../assets/asset.store.ts';
import type { Storage } from '../storage/storage.ts';
import { filmRefused, imageRefused } from './refusal.ts';

type Facts = { mime: string; width: number; height: number; durationMs?: number };

export type Judgement =
  | { kind: 'accepted'; bytes: Buffer; sha256: Buffer; facts: Facts }
  | { kind: 'refused'; error: AppError };

/** Reads what was uploaded and judges it by its bytes; nothing is believed of what was announced. */
export async function judgeUpload(storage: Storage, asset: AssetRow): Promise<Judgement> {
  const stored = await storage.head(asset.object_key);
  if (stored === undefined) throw new AppError('UPLOAD_MISSING');
  if (stored.bytes !== asset.bytes) return { kind: 'refused', error: imageRefused('size_differs') };
  const bytes = await storage.get(asset.object_key);
  if (bytes === undefined) throw new AppError('UPLOAD_MISSING');
  if (bytes.length !== asset.bytes) return { kind: 'refused', error: imageRefused('size_differs') };
  try {
    const facts = asset.content_type === 'video/mp4' ? inspectFilm(bytes) : await inspectImage(bytes);
    if (facts.mime !== asset.content_type) return { kind: 'refused', error: imageRefused('type_differs') };
    return { kind: 'accepted', bytes, sha256: createHash('sha256').update(bytes).digest(), facts };
  } catch (error) {
    if (error instanceof LabelFailed) return { kind: 'refused', error: filmRefused(error) };
    if (!(error instanceof ImageRefused)) throw error;
    return { kind: 'refused', error: imageRefused(error.reason, { cause: error }) };
  }
}

/** By its index alone; no decoder of ours opens a member's film here. */
function inspectFilm(bytes: Buffer): Facts {
  return { mime: 'video/mp4', ...filmFacts(bytes) };
}
