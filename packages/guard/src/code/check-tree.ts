import type { Report } from '../report/report.ts';
import { checkSources } from './check-sources.ts';
import { findSources, type FindOptions } from './source/find-sources.ts';

/** Judges the code below a folder, or one file. Rejects when the path is not there. */
export async function checkTree(path: string, options: FindOptions = {}): Promise<Report> {
  return checkSources(await findSources(path, options));
}
