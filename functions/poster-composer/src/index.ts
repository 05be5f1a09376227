import { openPicture, readPalette } from '@yunshang/function-pictures';
import { createHandler, optionalText, requiredText } from '@yunshang/function-runtime';
import type { PlainRecord } from '@yunshang/callback';
import { composePoster, posterHeight, posterWidth } from './compose-poster.ts';
import type { Poster } from './compose-poster.ts';

/** `image` and the words of `input` become `image`, a JPEG of 1080 × 1440. */
export const main_handler = createHandler({
  name: 'poster-composer',
  timeLimitMs: 45_000,
  async work(job) {
    const poster = readPoster(job.input);
    job.wantedType('image', ['image/jpeg']);
    const garment = await openPicture(await job.image('image'));
    const bytes = await composePoster(garment, poster);
    return { image: { bytes, width: posterWidth, height: posterHeight } };
  },
});

function readPoster(input: PlainRecord): Poster {
  return {
    title: requiredText(input, 'title', 24),
    subtitle: optionalText(input, 'subtitle', 36),
    price: readPrice(input, 'price'),
    originalPrice: readPrice(input, 'originalPrice'),
    badge: optionalText(input, 'badge', 6),
    palette: readPalette(input),
  };
}

/** `199` and `199.00` get their ¥; anything else is set as it stands. */
function readPrice(input: PlainRecord, name: string): string | undefined {
  const text = optionalText(input, name, 12);
  return text !== undefined && /^\d+(\.\d{1,2})?$/.test(text) ? `¥${text}` : text;
}
