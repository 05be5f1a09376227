import type { H264Stream } from './h264-still.ts';

export type Mp4Picture = { width: number; height: number; framesPerSecond: number };

const UNITY_MATRIX = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000];

/** One video track in one chunk, its index before its data. */
export function muxMp4(stream: H264Stream, picture: Mp4Picture): Buffer {
  const samples = stream.frames.map(({ unit }) => Buffer.concat([u32(unit.length), unit]));
  const head = box('ftyp', ascii('isom'), u32(512), ascii('isomiso2avc1mp41'));
  const sizes = samples.map((sample) => sample.length);
  // The index is as long with any offset in it.
  const indexLength = movie(stream, picture, { sizes, offset: 0 }).length;
  const offset = head.length + indexLength + 8;
  return Buffer.concat([head, movie(stream, picture, { sizes, offset }), box('mdat', ...samples)]);
}

type Chunk = { sizes: number[]; offset: number };

function movie(stream: H264Stream, picture: Mp4Picture, chunk: Chunk): Buffer {
  const { width, height, framesPerSecond } = picture;
  const frames = chunk.sizes.length;
  const header = full('mvhd', 0, [0, 0, framesPerSecond, frames, 0x10000, 0x1000000, 0, 0, ...UNITY_MATRIX]);
  const tail = words([0, 0, 0, 0, 0, 0, 2]);
  const track = full('tkhd', 3, [0, 0, 1, 0, frames, 0, 0, 0, 0, ...UNITY_MATRIX, width * 65_536, height * 65_536]);
  const media = box(
    'mdia',
    full('mdhd', 0, [0, 0, framesPerSecond, frames, 0x55c40000]),
    box('hdlr', words([0, 0]), ascii('vide'), words([0, 0, 0]), ascii('video\0')),
    box(
      'minf',
      full('vmhd', 1, [0, 0]),
      box('dinf', box('dref', words([0, 1]), full('url ', 1, []))),
      sampleTable(stream, picture, chunk),
    ),
  );
  return box('moov', grown(header, tail), box('trak', track, media));
}

function sampleTable(stream: H264Stream, picture: Mp4Picture, { sizes, offset }: Chunk): Buffer {
  const keys = stream.frames.flatMap(({ isKey }, index) => (isKey ? [index + 1] : []));
  return box(
    'stbl',
    box('stsd', words([0, 1]), sampleEntry(stream, picture)),
    full('stts', 0, [1, sizes.length, 1]),
    full('stss', 0, [keys.length, ...keys]),
    full('stsc', 0, [1, 1, sizes.length, 1]),
    full('stsz', 0, [0, sizes.length, ...sizes]),
    full('stco', 0, [1, offset]),
  );
}

function sampleEntry({ sps, pps }: H264Stream, { width, height }: Mp4Picture): Buffer {
  const configuration = box(
    'avcC',
    Buffer.from([1, ...sps.subarray(1, 4), 0xff, 0xe1]),
    u16(sps.length),
    sps,
    Buffer.from([1]),
    u16(pps.length),
    pps,
  );
  return box(
    'avc1',
    words([0, 1, 0, 0, 0, 0]),
    u16(width),
    u16(height),
    words([0x480000, 0x480000, 0]),
    u16(1),
    Buffer.alloc(32),
    u16(24),
    u16(0xffff),
    configuration,
  );
}

function box(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([u32(body.length + 8), ascii(type), body]);
}

/** A box of version 0 with flags, made of 32-bit words. */
function full(type: string, flags: number, values: number[]): Buffer {
  return box(type, words([flags, ...values]));
}

/** A box with more at its end. */
function grown(original: Buffer, tail: Buffer): Buffer {
  return box(original.toString('latin1', 4, 8), original.subarray(8), tail);
}

function words(values: number[]): Buffer {
  return Buffer.concat(values.map(u32));
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function ascii(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
