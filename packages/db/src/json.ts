/** A JSON column is an object from some servers and text from others (and from expressions): both become the value. */
export function fromJson(value: unknown): unknown {
  return typeof value === 'string' ? JSON.parse(value) : value;
}

/** What to store in a JSON column. */
export function toJson(value: unknown): string {
  return JSON.stringify(value);
}
