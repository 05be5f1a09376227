/** The record that GB 45438-2025 (appendix E) asks for in the metadata of a generated file; every field is text. */
export type AigcRecord = {
  /** `1`: generated. `2`: possibly. `3`: suspected. We write only `1`. */
  Label: string;
  /** Who generated it: name or registered code. */
  ContentProducer: string;
  /** The producer's number of this content. */
  ProduceID: string;
  ReservedCode1: string;
  ContentPropagator: string;
  PropagateID: string;
  ReservedCode2: string;
};

const FIELDS = [
  'Label',
  'ContentProducer',
  'ProduceID',
  'ReservedCode1',
  'ContentPropagator',
  'PropagateID',
  'ReservedCode2',
] as const satisfies readonly (keyof AigcRecord)[];

/** Bounds what a file may hold; a JPEG segment ends at 65,533 bytes. */
const MAX_FIELD_CHARACTERS = 500;

/** Ours: we generate and we hand out, under one number. Throws when a text is empty or too long. */
export function aigcRecord(of: { producer: string; contentId: string }): AigcRecord {
  for (const [name, text] of Object.entries(of))
    if (text === '' || text.length > MAX_FIELD_CHARACTERS)
      throw new RangeError(`${name} needs 1 to ${MAX_FIELD_CHARACTERS} characters`);
  return {
    Label: '1',
    ContentProducer: of.producer,
    ProduceID: of.contentId,
    ReservedCode1: '',
    ContentPropagator: of.producer,
    PropagateID: of.contentId,
    ReservedCode2: '',
  };
}

export function recordToJson(record: AigcRecord): string {
  return JSON.stringify(Object.fromEntries(FIELDS.map((name) => [name, record[name]])));
}

/** Undefined for anything but a whole record. */
export function recordOfJson(json: string): AigcRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  return isRecord(value) ? value : undefined;
}

export function isSameRecord(a: AigcRecord, b: AigcRecord): boolean {
  return FIELDS.every((name) => a[name] === b[name]);
}

function isRecord(value: unknown): value is AigcRecord {
  if (typeof value !== 'object' || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  return fields.size === FIELDS.length && FIELDS.every((name) => typeof fields.get(name) === 'string');
}
