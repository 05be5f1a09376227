/** 25 frames a second: what the platforms' own films use. */
export const framesPerSecond = 25;
export const fadeSeconds = 0.4;

export interface Slideshow {
  readonly files: readonly string[];
  readonly secondsPerImage: number;
  readonly output: string;
}

/** H.264 main for every phone, index in front; no dates and versions in the file. */
const encoding =
  '-c:v libx264 -preset veryfast -crf 20 -profile:v main -pix_fmt yuv420p -threads 2 ' +
  '-colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv ' +
  '-map_metadata -1 -fflags +bitexact -flags:v +bitexact -movflags +faststart -f mp4';

/** How long the film is: every picture has its seconds, fading happens within them. */
export function durationMs({ files, secondsPerImage }: Pick<Slideshow, 'files' | 'secondsPerImage'>): number {
  return files.length * secondsPerImage * 1000;
}

/**
 * ffmpeg's arguments. Each file is decoded once and repeated; from the second on it fades in over the one before, which stays
 * under it until it is covered. (The shipped ffmpeg is older than the xfade filter.) The same pictures give the same bytes.
 */
export function slideshowArguments({ files, secondsPerImage, output }: Slideshow): string[] {
  const fps = framesPerSecond;
  const total = files.length * secondsPerImage;
  const still = (seconds: number) =>
    `loop=loop=${Math.ceil(seconds * fps)}:size=1,setpts=N/${fps}/TB,trim=duration=${seconds}`;
  const toVideo = 'scale=out_color_matrix=bt709:out_range=tv';
  const filters = [`[0:v]${toVideo},format=yuv420p,${still(total)}[v0]`];
  for (let i = 1; i < files.length; i += 1) {
    const start = i * secondsPerImage;
    const seconds = i === files.length - 1 ? secondsPerImage : secondsPerImage + fadeSeconds;
    const fade = `fade=t=in:st=0:d=${fadeSeconds}:alpha=1`;
    filters.push(
      `[${i}:v]${toVideo},format=yuva420p,${still(seconds)},${fade},setpts=PTS+${start}/TB[p${i}]`,
      `[v${i - 1}][p${i}]overlay=eof_action=pass:enable='between(t,${start},${start + seconds})'[v${i}]`,
    );
  }
  const inputs = files.flatMap((file) => ['-framerate', String(fps), '-i', file]);
  const graph = ['-filter_complex', filters.join(';'), '-map', `[v${files.length - 1}]`, '-t', String(total)];
  return [...inputs, ...graph, '-r', String(fps), ...encoding.split(' '), output];
}
