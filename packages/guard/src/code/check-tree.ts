import type { Report } from '../report/report.ts';
import { checkSources } from './check-sources.ts';
import { findSources, type FindOptions } from './source/find-sources.ts';

/** Judges the code below a folder, or one file. Throws when the path is not there. */
export function checkTree(path: string, options: FindOptions = {}): Report {
  return checkSources(findSources(path, options));
}
