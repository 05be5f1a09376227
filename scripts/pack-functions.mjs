#!/usr/bin/env node
// Makes each cloud function deployable: functions/dist/<name>/ (index.js, node_modules, fonts, bin) and <name>.zip.
//   node scripts/pack-functions.mjs [--folders-only] [--out=folder] [name …]
// The folders run on Node 20 and later, linux-x64 with glibc, which is what the platform is.
import { createWriteStream } from 'node:fs';
import { chmod, cp, mkdir, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { rolldown } from 'rolldown';
import { ZipFile } from 'yazl';

const root = join(import.meta.dirname, '..');
const platform = { os: 'linux', cpu: 'x64' };

const fonts = '@expo-google-fonts/noto-sans-sc';
const fontAssets = {
  regular: ['function-pictures', `${fonts}/400Regular/NotoSansSC_400Regular.ttf`, 'fonts/NotoSansSC_400Regular.ttf'],
  bold: ['function-pictures', `${fonts}/700Bold/NotoSansSC_700Bold.ttf`, 'fonts/NotoSansSC_700Bold.ttf'],
  licence: ['function-pictures', `${fonts}/LICENSE_FONT`, 'fonts/LICENSE_FONT'],
};
const ffmpegAssets = [
  ['video-composer', '@ffmpeg-installer/linux-x64/ffmpeg', 'bin/ffmpeg'],
  ['video-composer', '@ffmpeg-installer/linux-x64/package.json', 'bin/ffmpeg-package.json'],
];
/** Files a function finds beside itself: the room that depends on their package, where they are in it, where they go. */
const functions = {
  'poster-composer': [fontAssets.regular, fontAssets.bold, fontAssets.licence],
  'image-grid': [],
  'video-composer': [fontAssets.bold, fontAssets.licence, ...ffmpegAssets],
  'text-templates': [],
};

const options = process.argv.slice(2);
const out = resolve(
  options.find((option) => option.startsWith('--out='))?.slice('--out='.length) ?? join(root, 'functions/dist'),
);
const names = options.filter((option) => !option.startsWith('--'));
const wanted = names.length === 0 ? Object.keys(functions) : names;
const unknown = wanted.filter((name) => !(name in functions));
if (unknown.length > 0) {
  console.error(`pack: no function called ${unknown.join(', ')}; there are: ${Object.keys(functions).join(', ')}`);
  process.exit(2);
}

for (const name of wanted) {
  const folder = join(out, name);
  await pack(name, folder);
  const files = await listFiles(folder);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const zipped = options.includes('--folders-only') ? undefined : await zip(files, folder, `${folder}.zip`);
  const sizes = [`${megabytes(bytes)} MB`, ...(zipped === undefined ? [] : [`zip ${megabytes(zipped)} MB`])];
  console.log(`${name.padEnd(16)} ${sizes.join(', ')}`);
}

async function pack(name, folder) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const libraries = await bundle(name, folder);
  for (const library of libraries)
    await copyLibrary(library, join(root, 'functions', name), join(folder, 'node_modules'));
  for (const [room, source, target] of functions[name]) {
    const from = createRequire(join(root, 'functions', room, 'package.json')).resolve(source);
    await cp(from, join(folder, target), { dereference: true });
  }
  await chmod(join(folder, 'bin/ffmpeg'), 0o755).catch(() => undefined);
  await writeFile(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
}

/** Writes index.js and gives the libraries it leaves to node_modules: those with native parts. */
async function bundle(name, folder) {
  const build = await rolldown({
    input: join(root, 'functions', name, 'src/index.ts'),
    platform: 'node',
    external: ['sharp'],
    resolve: { conditionNames: ['yunshang-src', 'import', 'node', 'default'] },
    transform: { target: 'node20', define: { 'import.meta.dirname': '__dirname' } },
  });
  const { output } = await build.write({ file: join(folder, 'index.js'), format: 'cjs', codeSplitting: false });
  await build.close();
  return output.flatMap((chunk) => chunk.imports ?? []).filter((library) => !library.startsWith('node:'));
}

/** A library and what it needs on the platform, side by side: no links, which a zip would lose. */
async function copyLibrary(library, from, modules) {
  const target = join(modules, library);
  if ((await stat(target).catch(() => undefined)) !== undefined) return;
  const source = await libraryFolder(library, from);
  const manifest = JSON.parse(await readFile(join(source, 'package.json'), 'utf8'));
  await cp(source, target, { recursive: true, filter: (file) => !relative(source, file).startsWith('node_modules') });
  const native = Object.keys(manifest.optionalDependencies ?? {}).filter((name) =>
    name.endsWith(`-${platform.os}-${platform.cpu}`),
  );
  for (const needed of [...Object.keys(manifest.dependencies ?? {}), ...native])
    await copyLibrary(needed, source, modules);
}

async function libraryFolder(library, from) {
  for (let folder = await realpath(from); folder !== dirname(folder); folder = dirname(folder)) {
    const found = await realpath(join(folder, 'node_modules', library)).catch(() => undefined);
    if (found !== undefined) return found;
  }
  throw new Error(`${library} is not installed: pack on ${platform.os}-${platform.cpu}, or install for it`);
}

async function listFiles(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    files.sort().map(async (file) => ({ file, bytes: (await stat(file)).size, mode: (await stat(file)).mode })),
  );
}

/** The same folder gives the same zip: fixed dates, sorted names. Modes are kept: ffmpeg must stay executable. */
async function zip(files, folder, target) {
  const archive = new ZipFile();
  for (const { file, mode } of files) {
    archive.addFile(file, relative(folder, file), {
      mode,
      mtime: new Date('2020-01-01T00:00:00Z'),
      compressionLevel: 6,
    });
  }
  archive.end();
  await pipeline(archive.outputStream, createWriteStream(target));
  return (await stat(target)).size;
}

function megabytes(bytes) {
  return (bytes / 1024 / 1024).toFixed(1);
}
