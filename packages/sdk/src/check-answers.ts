import { checkAnswers as checkWith, checkFile, type FileFacts, visibleFields } from './forms.gen.ts';
import { fitsPattern } from './pattern.ts';
import type { FeatureForm } from './types.ts';
import type { FieldIssue } from './wire-types.ts';

/** A file somebody chose: a File or Blob as it is, with its pixels when they are known. */
export type ChosenFile = {
  /** Such as `image/jpeg`; empty when not known. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Of a film, when it is known. */
  readonly durationMs?: number | undefined;
};
/** Files that are chosen and not uploaded yet, by the key of their field. */
export type ChosenFiles = Readonly<Record<string, ChosenFile | readonly ChosenFile[]>>;

/**
 * Everything wrong with these answers, in the order of the form, as the server would say it; empty when they can be sent.
 * `files` stand for answers that are not uploaded yet. The server alone knows whether uploaded files are there, and judges
 * patterns whose meaning differs in browsers.
 */
export function checkAnswers(
  form: Pick<FeatureForm, 'fields'>,
  answers: Readonly<Record<string, unknown>>,
  files: ChosenFiles = {},
): FieldIssue[] {
  const input = { ...answers };
  for (const [key, chosen] of Object.entries(files)) input[key] = withPlaces(answers[key], chosen);
  const ofFiles = visibleFields(form, input).flatMap((field) =>
    listOf(files[field.key]).flatMap((file) => checkFile(field, factsOf(file))),
  );
  return [...checkWith(form, input, fitsPattern), ...ofFiles];
}

/** The answer as it will be once the files are uploaded: an id of the right shape in each one's place. */
function withPlaces(answer: unknown, chosen: ChosenFile | readonly ChosenFile[]): unknown {
  if (!Array.isArray(chosen) && !Array.isArray(answer)) return placeId(0);
  const uploaded: unknown[] = Array.isArray(answer) ? answer : [];
  return [...uploaded, ...listOf(chosen).map((_file, index) => placeId(index))];
}

const placeId = (index: number): string => String(index).padStart(26, '0');

function listOf(chosen: ChosenFile | readonly ChosenFile[] | undefined): readonly ChosenFile[] {
  if (chosen === undefined) return [];
  return isList(chosen) ? chosen : [chosen];
}

function isList(chosen: ChosenFile | readonly ChosenFile[]): chosen is readonly ChosenFile[] {
  return Array.isArray(chosen);
}

function factsOf({ type, size, width, height, durationMs }: ChosenFile): FileFacts {
  return { contentType: type === '' ? undefined : type, bytes: size, width, height, durationMs };
}
