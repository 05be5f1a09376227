import sharp from 'sharp';

const WIDTH = 768;
const HEIGHT = 1024;
const DEFAULT_SEED = 7;

const BODY =
  'M286 214 L346 178 Q384 236 422 178 L482 214 L624 330 Q632 340 624 352 L560 440 Q552 448 542 440 L506 408 Q512 640 522 838 Q384 872 246 838 Q256 640 262 408 L226 440 Q216 448 208 440 L144 352 Q136 340 144 330 Z';
const COLLAR = 'M346 178 Q384 236 422 178 L434 184 Q384 258 334 184 Z';
const SEAMS =
  'M262 408 Q276 320 286 214 M506 408 Q492 320 482 214 M250 806 Q384 838 518 806 M184 386 L236 340 M584 386 L532 340';
const FOLDS = 'M300 470 Q330 600 306 760 M460 450 Q436 610 470 780 M372 560 Q384 660 366 790';
/** A little cloud, so that nobody takes the drawing for a photo. */
const CLOUD = 'M336 420 q-26 0 -26 -24 q0 -24 26 -24 q8 -30 42 -30 q30 0 38 28 q30 -2 32 26 q0 24 -26 24 Z';

/** Our own drawing of a garment on an uneven grey ground, 768 x 1024 JPEG; the same seed gives the same bytes. */
export async function renderSampleGarment(seed: number = DEFAULT_SEED): Promise<Buffer> {
  const hue = (Math.abs(Math.trunc(seed)) * 47 + 231) % 360;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">
  <defs>
    <linearGradient id="ground" x1="0" y1="0" x2="0.7" y2="1">
      <stop offset="0" stop-color="#efefee"/><stop offset="1" stop-color="#dcdcdb"/>
    </linearGradient>
    <linearGradient id="cloth" x1="0" y1="0" x2="1" y2="0.3">
      <stop offset="0" stop-color="hsl(${hue},48%,40%)"/><stop offset="0.5" stop-color="hsl(${hue},46%,50%)"/>
      <stop offset="1" stop-color="hsl(${hue},50%,38%)"/>
    </linearGradient>
    <filter id="soft" x="-20%" y="-20%" width="140%" height="140%"><feGaussianBlur stdDeviation="12"/></filter>
    <filter id="fold" x="-20%" y="-20%" width="140%" height="140%"><feGaussianBlur stdDeviation="9"/></filter>
  </defs>
  <rect width="100%" height="100%" fill="url(#ground)"/>
  <path d="${BODY}" transform="translate(8 14)" fill="#000" opacity="0.2" filter="url(#soft)"/>
  <path d="${BODY}" fill="url(#cloth)"/>
  <path d="${FOLDS}" fill="none" stroke="hsl(${hue},50%,30%)" stroke-width="14" opacity="0.5" filter="url(#fold)"/>
  <path d="${SEAMS}" fill="none" stroke="hsl(${hue},50%,28%)" stroke-width="3" stroke-dasharray="9 5"/>
  <path d="${COLLAR}" fill="hsl(${hue},50%,28%)"/>
  <path d="${CLOUD}" fill="hsl(${(hue + 40) % 360},60%,86%)" stroke="hsl(${hue},50%,28%)" stroke-width="4"/>
  <path d="${BODY}" fill="none" stroke="hsl(${hue},50%,26%)" stroke-width="4" stroke-linejoin="round"/>
</svg>`;
  return sharp(Buffer.from(svg)).flatten().jpeg({ quality: 93, chromaSubsampling: '4:4:4' }).toBuffer();
}
