export { findFfmpeg, type VideoTool } from './ffmpeg.ts';
export { LabelFailed, type LabelTrouble } from './label-failed.ts';
export { filmFacts, type FilmFacts } from './film-facts.ts';
export { createVideoLabels, type VideoLabels } from './label-video.ts';
export { labelPicture, type Marking } from './label-picture.ts';
export { readLabel, type ReadMark } from './read-label.ts';
export { aigcRecord, isSameRecord, type AigcRecord } from './record.ts';
export type { Corner } from './visible.ts';
export { createVideoWatermark, type VideoWatermark } from './watermark.ts';
