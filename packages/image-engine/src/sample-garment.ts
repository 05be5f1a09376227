import sharp from 'sharp';

const WIDTH = 768;
const HEIGHT = 1024;
const DEFAULT_SEED = 7;

/** Our own drawing of a garment on an uneven grey ground, 768 x 1024 JPEG; the same seed gives the same bytes. */
export async function renderSampleGarment(seed: number = DEFAULT_SEED): Promise<Buffer> {
  const hue = (seed * 47) % 360;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">
    <defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#eeeeee"/><stop offset="1" stop-color="#dddddc"/></linearGradient></defs>
    <rect width="100%" height="100%" fill="url(#g)"/>
    <path d="M270 190 L330 170 Q384 230 438 170 L500 190 L660 330 L590 430 L520 370 L520 850 Q384 880 248 850 L248 370 L178 430 L108 330 Z"
      fill="hsl(${hue},45%,45%)" stroke="hsl(${hue},50%,30%)" stroke-width="5"/>
  </svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 93, chromaSubsampling: '4:4:4' }).toBuffer();
}
