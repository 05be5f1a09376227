import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aigcRecord, createVideoLabels, findFfmpeg, labelPicture, LabelFailed, readLabel } from './index.ts';
import { box, readBoxes, uint32 } from './mp4-box.ts';

const videos = createVideoLabels({ ffmpegPath: findFfmpeg(), timeoutMs: 60_000 });
const marking = { producer: '云裳', contentId: '01JVIDEO', visible: true };
const expected = aigcRecord(marking);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ys-video-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Two seconds of ffmpeg's test picture with a tone and somebody's tags. */
function film(...extra: string[]): Buffer {
  const sources = ['-f', 'lavfi', '-i', 'testsrc=size=360x640:rate=12', '-f', 'lavfi', '-i', 'sine=frequency=440'];
  const texts = ['-metadata', 'title=my workflow', '-metadata', 'AIGC={"Label":"0"}'];
  const to = join(folder, 'film.mp4');
  const coded = ['-t', '2', '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
  execFileSync(findFfmpeg(), ['-loglevel', 'error', '-y', ...sources, ...coded, ...texts, ...extra, to]);
  return readFileSync(to);
}

test('a video carries the label from beginning to end and the record, and both are read back', async () => {
  const made = await videos.label(film(), marking);
  expect(made).toMatchObject({ width: 360, height: 640 });
  expect(await videos.read(made.bytes)).toEqual({ format: 'mp4', record: expected, visible: made.corner, strays: [] });
  expect(made.bytes.includes('my workflow')).toBe(false);
});

test.each([[['-movflags', '+faststart']], [['-movflags', '+use_metadata_tags']], [[]]])(
  'without a visible label (%s) every picture and the sound stay, and foreign tags go',
  async (flags) => {
    const bytes = film(...flags);
    const made = await videos.label(bytes, { ...marking, visible: false });
    expect(await videos.read(made.bytes)).toEqual({ format: 'mp4', record: expected, visible: undefined, strays: [] });
    expect(made.bytes.includes('my workflow')).toBe(false);
    expect(sums(made.bytes)).toEqual(sums(bytes));
  },
);

test('ffmpeg reads the record as a tag called AIGC', async () => {
  const made = await videos.label(film(), { ...marking, visible: false });
  expect(tags(made.bytes)).toContain('AIGC={"Label":"1"');
});

test('a video that was never labelled says so', async () => {
  expect(await videos.read(film())).toMatchObject({ record: undefined, visible: undefined });
});

test('a fragmented, a cut-off and a broken video are refused', async () => {
  const whole = (await videos.label(film(), marking)).bytes;
  const fragmented = film('-movflags', '+frag_keyframe+empty_moov');
  await expect(videos.label(fragmented, marking)).rejects.toMatchObject({ reason: 'unsupported_layout' });
  for (const share of [0.01, 0.3, 0.99])
    await expect(videos.label(whole.subarray(0, Math.trunc(whole.length * share)), marking)).rejects.toBeInstanceOf(
      LabelFailed,
    );
  const broken = Buffer.from(whole);
  const offsets = broken.indexOf('stco');
  broken.writeUInt32BE(0xfffffff0, offsets + 12);
  await expect(videos.label(broken, { ...marking, visible: false })).rejects.toBeInstanceOf(LabelFailed);
});

test('boxes behind the media, and a second record, are strays', async () => {
  const made = await videos.label(film(), { ...marking, visible: false });
  const behind = Buffer.concat([made.bytes, box('uuid', uint32(1, 2, 3, 4), Buffer.from('hidden'))]);
  expect(await videos.read(behind)).toMatchObject({ record: expected, strays: ['uuid'] });
  expect(readBoxes(made.bytes).map(({ type }) => type)).toEqual(['ftyp', 'moov', 'mdat']);
});

test('a video in a coding we do not read is refused', async () => {
  const args = ['-f', 'lavfi', '-i', 'testsrc=size=320x320:rate=5', '-t', '1', '-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p'];
  const to = join(folder, 'mjpeg.mp4');
  execFileSync(findFfmpeg(), ['-loglevel', 'error', '-y', ...args, to]);
  await expect(videos.label(readFileSync(to), marking)).rejects.toMatchObject({ reason: 'video_tool' });
});

test('a program that is not there is our trouble, not the video', async () => {
  const lame = createVideoLabels({ ffmpegPath: 'no-such-program', timeoutMs: 5_000 });
  const outcome = await lame.label(film(), marking).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(Error);
  expect(outcome).not.toBeInstanceOf(LabelFailed);
});

test('a picture is no video and a video no picture', async () => {
  await expect(labelPicture(film(), marking)).rejects.toMatchObject({ reason: 'unsupported_format' });
  await expect(readLabel(film())).rejects.toMatchObject({ reason: 'unsupported_format' });
  await expect(videos.label(Buffer.from('no video'), marking)).rejects.toMatchObject({ reason: 'unsupported_format' });
});

/** Checksums of every decoded picture and sound. */
function sums(bytes: Buffer): string {
  return execFileSync(findFfmpeg(), ['-loglevel', 'error', '-f', 'mov', '-i', 'pipe:0', '-f', 'md5', '-'], {
    input: faststart(bytes),
  }).toString();
}

function tags(bytes: Buffer): string {
  return execFileSync(findFfmpeg(), ['-loglevel', 'error', '-f', 'mov', '-i', 'pipe:0', '-f', 'ffmetadata', '-'], {
    input: bytes,
  }).toString();
}

/** A pipe can not be sought in, so the index has to come first: copied by ffmpeg through a file. */
function faststart(bytes: Buffer): Buffer {
  const types = readBoxes(bytes).map(({ type }) => type);
  if (types.indexOf('moov') < types.indexOf('mdat')) return bytes;
  const to = join(folder, 'fast.mp4');
  execFileSync(findFfmpeg(), [
    '-loglevel',
    'error',
    '-y',
    '-i',
    join(folder, 'film.mp4'),
    '-c',
    'copy',
    '-movflags',
    '+faststart',
    to,
  ]);
  return readFileSync(to);
}
