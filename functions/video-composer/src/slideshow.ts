/** 25 frames a second: what the platforms' own films use. */
const framesPerSecond = 25;
const fadeFrames = 10;

export interface Slideshow {
  readonly files: readonly string[];
  /** Frames each picture is there for, fading included. */
  readonly framesPerImage: number;
  readonly output: string;
}

/** The nearest number of whole frames. */
export function framesOf(seconds: number): number {
  return Math.round(seconds * framesPerSecond);
}

export function durationMs({ files, framesPerImage }: Pick<Slideshow, 'files' | 'framesPerImage'>): number {
  return (files.length * framesPerImage * 1000) / framesPerSecond;
}

/** H.264 main for every phone, index in front; no dates and versions in the file. */
const encoding =
  '-c:v libx264 -preset veryfast -crf 20 -profile:v main -pix_fmt yuv420p -threads 2 ' +
  '-colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv ' +
  '-map_metadata -1 -fflags +bitexact -flags:v +bitexact -movflags +faststart -f mp4';

/**
 * ffmpeg's arguments. Each file is decoded once and repeated; from the second on it fades in over the one before, which stays
 * under it until it is covered. (The shipped ffmpeg is older than the xfade filter.) The same pictures give the same bytes.
 */
export function slideshowArguments({ files, framesPerImage, output }: Slideshow): string[] {
  const fps = framesPerSecond;
  const total = files.length * framesPerImage;
  const still = (frames: number) => `loop=loop=${frames - 1}:size=1,setpts=N/${fps}/TB`;
  const toVideo = 'scale=out_color_matrix=bt709:out_range=tv';
  const filters = [`[0:v]${toVideo},format=yuv420p,${still(total)}[v0]`];
  for (let i = 1; i < files.length; i += 1) {
    const isLast = i === files.length - 1;
    const start = (i * framesPerImage) / fps;
    const shown = still(isLast ? framesPerImage : framesPerImage + fadeFrames);
    filters.push(
      `[${i}:v]${toVideo},format=yuva420p,${shown},fade=t=in:s=0:n=${fadeFrames}:alpha=1,setpts=PTS+${start}/TB[p${i}]`,
      `[v${i - 1}][p${i}]overlay=eof_action=pass:enable='gte(t,${start})'[v${i}]`,
    );
  }
  const inputs = files.flatMap((file) => ['-framerate', String(fps), '-i', file]);
  const graph = ['-filter_complex', filters.join(';'), '-map', `[v${files.length - 1}]`];
  return [...inputs, ...graph, '-frames:v', String(total), '-r', String(fps), ...encoding.split(' '), output];
}
