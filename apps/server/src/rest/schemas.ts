import { z } from 'zod';

type Json = Record<string, unknown>;

export type Schemas = {
  /** The JSON Schema of a zod schema, ready to stand anywhere in an OpenAPI document. */
  of(schema: z.core.$ZodType, io: 'input' | 'output'): Json;
  /** Schemas that others refer to (recursive ones), for `components.schemas`. */
  shared(): Json;
};

/** zod puts recursive parts under `$defs` of each schema; in a document they live together in `components.schemas`. */
export function createSchemas(): Schemas {
  const names = new Map<string, string>();
  const shared: Json = {};
  const adopt = (definition: unknown): string => {
    const text = JSON.stringify(definition);
    const known = names.get(text);
    if (known !== undefined) return known;
    const name = `Json${names.size === 0 ? '' : names.size + 1}`;
    names.set(text, name);
    return name;
  };
  const of: Schemas['of'] = (schema, io) => {
    const {
      $schema: _dialect,
      $defs = {},
      ...rest
    } = z.toJSONSchema(schema, { io, target: 'draft-2020-12', unrepresentable: 'any' });
    const renamed = new Map(Object.entries($defs).map(([name, definition]) => [`#/$defs/${name}`, adopt(definition)]));
    for (const [name, definition] of Object.entries($defs))
      shared[renamed.get(`#/$defs/${name}`) ?? name] = pointElsewhere(definition, renamed);
    const pointed = pointElsewhere(rest, renamed);
    return isJson(pointed) ? pointed : {};
  };
  return { of, shared: () => shared };
}

function pointElsewhere(value: unknown, renamed: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => pointElsewhere(item, renamed));
  if (!isJson(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const name = key === '$ref' && typeof inner === 'string' ? renamed.get(inner) : undefined;
      return [key, name === undefined ? pointElsewhere(inner, renamed) : `#/components/schemas/${name}`];
    }),
  );
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
