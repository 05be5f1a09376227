import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { z } from 'zod';
import type { FaultBoard } from '../faults.ts';
import type { TencentAction, TencentCall } from '../tencent/api.routes.ts';
import { VendorError } from '../vendor-call.ts';
import type { Verdict } from './verdict.ts';
import type { Verdicts } from './verdicts.ts';

const MAX_BYTES = 30 * 1024 * 1024;
/** Of a picture that travels in the request, as Base64. */
const MAX_CONTENT_LENGTH = 10 * 1024 * 1024;
const MIN_SIDE = 50;
const DOWNLOAD_TIMEOUT_MS = 3_000;
const SCORES = { Pass: 0, Review: 75, Block: 98 } as const;

const params = z.object({
  BizType: z.string().max(64).default(''),
  DataId: z.string().max(128).default(''),
  FileContent: z.string().default(''),
  FileUrl: z.string().default(''),
  Interval: z.number().int().optional(),
  MaxFrames: z.number().int().optional(),
});
type Asked = z.output<typeof params>;
type Deps = { faults: FaultBoard; verdicts: Verdicts };

/** ImageModeration of 2020-12-29: one picture, in the request or behind an address, and what is thought of it. */
export function imageModerationAction(deps: Deps): TencentAction {
  return {
    vendor: 'ims',
    action: 'ImageModeration',
    version: '2020-12-29',
    needsRegion: true,
    idsOf({ DataId, BizType }) {
      return {
        ...(typeof DataId === 'string' ? { dataId: DataId } : {}),
        ...(typeof BizType === 'string' ? { bizType: BizType } : {}),
      };
    },
    async perform(raw, call) {
      const parsed = params.safeParse(raw);
      if (!parsed.success) throw refusal('InvalidParameterValue', `${parsed.error.issues[0]?.path.join('.')} is wrong`);
      const picture = await pictureOf(parsed.data);
      const sha256 = createHash('sha256').update(picture).digest('hex');
      call.note({ sha256 });
      const verdict = judge(deps, sha256, call);
      call.note({ suggestion: verdict.suggestion });
      return answerOf(parsed.data, verdict, picture);
    },
  };
}

function judge({ faults, verdicts }: Deps, sha256: string, { ids }: TencentCall): Verdict {
  const target = { vendor: 'ims', action: 'ImageModeration', ids: { ...ids, sha256 } } as const;
  return faults.take(target, ['verdict']) ?? verdicts.of(sha256);
}

async function pictureOf({ FileContent, FileUrl }: Asked): Promise<Buffer> {
  if (FileContent === '' && FileUrl === '') throw refusal('InvalidParameterValue.EmptyImageContent', '图片内容为空');
  if (FileContent.length > MAX_CONTENT_LENGTH)
    throw refusal('InvalidParameterValue.InvalidFileContentSize', '图片过大');
  const bytes = FileContent === '' ? await download(FileUrl) : Buffer.from(FileContent, 'base64');
  if (bytes.length > MAX_BYTES) throw refusal('InvalidParameterValue.InvalidFileContentSize', '图片过大');
  const { width, height } = await sidesOf(bytes);
  if (Math.min(width, height) < MIN_SIDE) throw refusal('InvalidParameterValue.ImageSizeTooSmall', '图片分辨率过低');
  return bytes;
}

async function download(url: string): Promise<Buffer> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
    if (answer.ok) return Buffer.from(await answer.arrayBuffer());
  } catch {
    // told below, as the vendor does: why is not said
  }
  throw refusal('ResourceUnavailable.ImageDownloadError', '图片下载失败');
}

async function sidesOf(bytes: Buffer): Promise<{ width: number; height: number }> {
  try {
    return await sharp(bytes).metadata();
  } catch {
    throw refusal('InvalidParameterValue.InvalidImageContent', '图片解码失败');
  }
}

function answerOf({ DataId, BizType }: Asked, verdict: Verdict, picture: Buffer): Record<string, unknown> {
  const { suggestion, subLabel } = verdict;
  const label = verdict.label ?? (suggestion === 'Pass' ? 'Normal' : 'Porn');
  const score = verdict.score ?? SCORES[suggestion];
  return {
    Suggestion: suggestion,
    Label: label,
    SubLabel: subLabel,
    Score: score,
    LabelResults: [
      { Scene: label, Suggestion: suggestion, Label: label, SubLabel: subLabel, Score: score, Details: [] },
    ],
    ObjectResults: [],
    OcrResults: [],
    LibResults: [],
    DataId,
    BizType,
    Extra: '',
    FileMD5: createHash('md5').update(picture).digest('hex'),
    RecognitionResults: [],
  };
}

function refusal(code: string, message: string): VendorError {
  return new VendorError(200, code, message);
}
