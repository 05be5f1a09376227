/** A frame as planes of 4:2:0: `y` of width × height, `cb` and `cr` of a quarter each. Sides are multiples of 16. */
export type YuvFrame = { width: number; height: number; y: Buffer; cb: Buffer; cr: Buffer };

const MACROBLOCK = 16;
const I_PCM = 25;
/** `frame_num` counts in four bits. */
const MAX_REPEATS = 15;

export type H264Stream = {
  sps: Buffer;
  pps: Buffer;
  /** One network abstraction unit per frame, without its length. */
  frames: { unit: Buffer; isKey: boolean }[];
};

/**
 * H.264 baseline without an encoder: each picture is sent once with its samples as they are (I_PCM), and held by frames
 * that say "as before" for every macroblock.
 */
export function encodeStills(pictures: readonly YuvFrame[], framesPerPicture: number): H264Stream {
  const [first] = pictures;
  if (first === undefined || framesPerPicture < 1 || framesPerPicture > MAX_REPEATS) throw new RangeError('no frames');
  const columns = first.width / MACROBLOCK;
  const rows = first.height / MACROBLOCK;
  const frames = pictures.flatMap((picture, index) =>
    Array.from({ length: framesPerPicture }, (_, held) =>
      held === 0
        ? { unit: keyFrame(picture, index % 2), isKey: true }
        : { unit: heldFrame(held, columns * rows), isKey: false },
    ),
  );
  return { sps: sequenceParameters(columns, rows), pps: pictureParameters(), frames };
}

function sequenceParameters(columns: number, rows: number): Buffer {
  const bits = new BitWriter();
  for (const byte of [66, 0xc0, 30]) bits.u(8, byte); // constrained baseline, level 3.0
  bits.ue(0).ue(0).ue(2).ue(1).u(1, 0); // ids, frame_num of 4 bits, output in decoding order, one reference frame
  bits.ue(columns - 1).ue(rows - 1);
  bits.u(1, 1).u(1, 1).u(1, 0).u(1, 0); // whole frames, no cropping, no display information
  return bits.unit(0x67);
}

function pictureParameters(): Buffer {
  const bits = new BitWriter();
  bits.ue(0).ue(0).u(1, 0).u(1, 0).ue(0).ue(0).ue(0).u(1, 0).u(2, 0); // CAVLC, one slice group, no weights
  bits.ue(0).ue(0).ue(0); // quantisers as they come
  bits.u(1, 1).u(1, 0).u(1, 0); // slices say whether they deblock
  return bits.unit(0x68);
}

function keyFrame(picture: YuvFrame, pictureId: number): Buffer {
  const bits = new BitWriter();
  bits.ue(0).ue(7).ue(0).u(4, 0).ue(pictureId).u(1, 0).u(1, 0).ue(0).ue(1);
  const chroma = { stride: picture.width / 2, side: MACROBLOCK / 2 };
  const luma = { stride: picture.width, side: MACROBLOCK };
  for (let row = 0; row < picture.height / MACROBLOCK; row += 1) {
    for (let column = 0; column < picture.width / MACROBLOCK; column += 1) {
      bits.ue(I_PCM).align();
      bits.bytes(block(picture.y, luma, { row, column }));
      bits.bytes(block(picture.cb, chroma, { row, column }));
      bits.bytes(block(picture.cr, chroma, { row, column }));
    }
  }
  return bits.unit(0x65);
}

function heldFrame(frameNumber: number, macroblocks: number): Buffer {
  const bits = new BitWriter();
  bits.ue(0).ue(5).ue(0).u(4, frameNumber).u(1, 0).u(1, 0).u(1, 0).ue(0).ue(1);
  bits.ue(macroblocks);
  return bits.unit(0x41);
}

type Plane = { stride: number; side: number };

function block(plane: Buffer, { stride, side }: Plane, at: { row: number; column: number }): Buffer {
  const lines = Array.from({ length: side }, (_, line) => {
    const start = (at.row * side + line) * stride + at.column * side;
    return plane.subarray(start, start + side);
  });
  return Buffer.concat(lines);
}

/** Bits, most significant first, with the codes of the standard. */
class BitWriter {
  readonly #parts: Buffer[] = [];
  #byte = 0;
  #filled = 0;

  u(count: number, value: number): this {
    for (let bit = count - 1; bit >= 0; bit -= 1) {
      this.#byte = (this.#byte << 1) | ((value >> bit) & 1);
      this.#filled += 1;
      if (this.#filled === 8) this.#flush();
    }
    return this;
  }

  /** Exponential-Golomb; zero is the same for the signed code. */
  ue(value: number): this {
    const length = Math.floor(Math.log2(value + 1));
    return this.u(length, 0).u(length + 1, value + 1);
  }

  align(): this {
    while (this.#filled !== 0) this.u(1, 0);
    return this;
  }

  /** Only where the bits are aligned. */
  bytes(data: Buffer): this {
    this.#parts.push(data);
    return this;
  }

  /** The whole unit under its header, ended and with no start code inside. */
  unit(header: number): Buffer {
    this.u(1, 1).align();
    return escaped(Buffer.concat([Buffer.from([header]), ...this.#parts]));
  }

  #flush(): void {
    this.#parts.push(Buffer.from([this.#byte]));
    this.#byte = 0;
    this.#filled = 0;
  }
}

function escaped(unit: Buffer): Buffer {
  const out: Buffer[] = [];
  let from = 0;
  let zeros = 0;
  for (const [at, byte] of unit.entries()) {
    if (zeros >= 2 && byte <= 3) {
      out.push(unit.subarray(from, at), Buffer.from([3]));
      from = at;
      zeros = 0;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Buffer.concat([...out, unit.subarray(from)]);
}
