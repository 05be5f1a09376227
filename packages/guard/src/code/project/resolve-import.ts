import { posix } from 'node:path';
import { z } from 'zod';

/** A package.json of the tree, as far as imports are concerned. */
export type Manifest = {
  readonly folder: string;
  readonly name: string;
  readonly entries: ReadonlyMap<string, readonly string[]>;
};

const manifestSchema = z.looseObject({
  name: z.string().optional(),
  main: z.string().optional(),
  module: z.string().optional(),
  exports: z.unknown().optional(),
});

/** Undefined for a package.json that is not one. */
export function readManifest(path: string, text: string): Manifest | undefined {
  try {
    const parsed = manifestSchema.safeParse(JSON.parse(text));
    if (!parsed.success || parsed.data.name === undefined) return undefined;
    const { name, main, module, exports } = parsed.data;
    const entries = new Map<string, string[]>();
    if (typeof exports === 'object' && exports !== null && !Array.isArray(exports)) {
      const isMap = Object.keys(exports).every((key) => key.startsWith('.'));
      for (const [key, target] of isMap ? Object.entries(exports) : [['.', exports] as const])
        entries.set(key, targetsOf(target));
    } else if (typeof exports === 'string') entries.set('.', [exports]);
    const mains = [module, main].filter((entry) => entry !== undefined);
    if (!entries.has('.')) entries.set('.', mains);
    return { folder: posix.dirname(path), name, entries };
  } catch {
    return undefined;
  }
}

function targetsOf(target: unknown, depth = 0): string[] {
  if (typeof target === 'string') return [target];
  if (typeof target !== 'object' || target === null || depth > 5) return [];
  return Object.values(target).flatMap((each) => targetsOf(each, depth + 1));
}

const ENDINGS = [
  '',
  '.ts',
  '.tsx',
  '.js',
  '.jsx',
  '.mts',
  '.cts',
  '.mjs',
  '.cjs',
  '/index.ts',
  '/index.tsx',
  '/index.js',
  '/index.mjs',
  '/index.cjs',
];

export type Resolver = (from: string, source: string) => string | undefined;

/** Where an import leads within the tree; undefined for what is outside of it. */
export function createResolver(has: (path: string) => boolean, manifests: readonly Manifest[]): Resolver {
  const byName = new Map(manifests.map((manifest) => [manifest.name, manifest]));
  const find = (base: string): string | undefined => {
    const path = posix.normalize(base);
    const stem = path.replace(/\.([cm]?)js$/, '.$1ts');
    return [...ENDINGS.map((ending) => path + ending), stem, path.replace(/\.jsx?$/, '.tsx')].find(has);
  };
  const withinPackage = (source: string): string | undefined => {
    const parts = source.split('/');
    const length = source.startsWith('@') ? 2 : 1;
    const manifest = byName.get(parts.slice(0, length).join('/'));
    if (manifest === undefined) return undefined;
    const rest = parts.slice(length).join('/');
    const targets = manifest.entries.get(rest === '' ? '.' : `./${rest}`) ?? [];
    const guesses = rest === '' ? ['src/index', 'index'] : [rest, `src/${rest}`];
    // What is built lies beside what it is built from.
    const candidates = [
      ...targets,
      ...targets.map((target) => target.replace(/^\.?\/?(?:dist|build|lib)\//, 'src/')),
      ...guesses,
    ];
    return candidates.map((target) => find(posix.join(manifest.folder, target))).find((path) => path !== undefined);
  };
  const withinSource = (from: string, source: string): string | undefined => {
    // `@/x` and `~/x` lead to the sources of the package the file is in, by custom.
    const rest = source.slice(2);
    for (let folder = posix.dirname(from); ; folder = posix.dirname(folder)) {
      const found = find(posix.join(folder, rest)) ?? find(posix.join(folder, 'src', rest));
      if (found !== undefined || folder === '.' || folder === '/') return found;
    }
  };
  const known = new Map<string, string | undefined>();
  return (from, source) => {
    const key = `${source.startsWith('.') || /^[@~]\//.test(source) ? posix.dirname(from) : ''} ${source}`;
    if (!known.has(key)) known.set(key, resolve(from, source));
    return known.get(key);
  };

  function resolve(from: string, source: string): string | undefined {
    if (source.startsWith('.')) return find(posix.join(posix.dirname(from), source));
    if (source.startsWith('@/') || source.startsWith('~/')) return withinSource(from, source);
    return withinPackage(source);
  }
}
