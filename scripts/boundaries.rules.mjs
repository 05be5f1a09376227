// Which room may import which, and which library has one home. docs/architecture.md draws the same arrows.
import { dirname, join } from 'node:path/posix';

/** Each room's arrows; what is absent is refused. */
export const rooms = {
  'packages/contracts': [],
  'packages/image-engine': [],
  'packages/labels': [],
  'packages/callback': [],
  'packages/db': ['contracts'],
  'packages/forms': ['contracts'],
  'packages/queue': ['contracts'],
  'packages/accounts': ['contracts', 'db'],
  'packages/billing': ['contracts', 'db'],
  'packages/pipeline': ['contracts', 'db', 'billing', 'callback', 'queue', 'forms', 'image-engine', 'labels'],
  'packages/audit': ['contracts', 'db'],
  'packages/backup': ['db'],
  'packages/guard': ['contracts', 'db', 'audit'],
  'packages/sdk': ['contracts'],
  'packages/devstack': ['contracts', 'db'],
  'apps/server': ['contracts', 'db', 'accounts', 'audit', 'billing', 'callback', 'guard', 'pipeline', 'queue'],
  'apps/worker': [
    'contracts',
    'db',
    'accounts',
    'audit',
    'backup',
    'billing',
    'guard',
    'pipeline',
    'queue',
    'image-engine',
  ],
  'apps/sandbox': ['contracts', 'image-engine'],
  'functions/function-runtime': ['callback'],
  'functions/function-testing': ['callback'],
  'functions/function-pictures': ['callback', 'function-runtime'],
  'functions/poster-composer': ['callback', 'function-pictures', 'function-runtime'],
  'functions/image-grid': ['callback', 'function-pictures', 'function-runtime'],
  'functions/video-composer': ['callback', 'function-pictures', 'function-runtime'],
  'functions/text-templates': ['callback', 'function-runtime'],
  e2e: ['billing', 'contracts', 'db', 'devstack', 'guard', 'image-engine', 'labels', 'sdk'],
  bench: ['audit', 'billing', 'contracts', 'db', 'devstack', 'guard', 'image-engine', 'pipeline', 'queue', 'sdk'],
};

/** What the tests of every room may import besides. */
const testRooms = ['callback', 'contracts', 'db', 'devstack', 'function-testing', 'guard'];

const homes = {
  mysql2: { rooms: ['packages/db', 'packages/devstack', 'bench'], instead: 'ask @yunshang/db' },
  bullmq: { rooms: ['packages/queue', 'bench'], instead: 'use the typed queues of @yunshang/queue' },
  fastify: { rooms: ['apps/server', 'apps/sandbox'], instead: 'keep HTTP in apps/server' },
  '@trpc/server': { rooms: ['apps/server', 'packages/sdk'], instead: 'keep procedures in apps/server' },
};

const environmentReaders = [
  /(^|\/)config\.ts$/,
  /^packages\/devstack\//,
  /^(e2e|bench|scripts)\//,
  /^vitest\.config\.ts$/,
  /\.test\.ts$/,
  // Cloud functions, whose settings reach them no other way.
  /\/fixtures\/functions\//,
];

/** The finding for an import, or undefined. `isType` for what the compiler erases. */
export function judgeImport(file, specifier, isType) {
  const from = roomOf(file);
  if (from === undefined) return undefined;
  if (specifier.startsWith('.')) return judgePath(from, join(dirname(file), specifier));
  const named = /^@yunshang\/([^/]+)(.*)$/.exec(specifier);
  if (named === null) return judgeLibrary(from, specifier);
  const [, room, rest] = named;
  return judgeRoom({ from, room, isType, inTest: isTest(file) }) ?? judgeSurface(from, room, rest);
}

/** The finding for a dependency of a package.json, or undefined. */
export function judgeDependency(file, name, isDev) {
  const from = roomOf(file);
  if (from === undefined) return undefined;
  const room = /^@yunshang\/(.+)$/.exec(name)?.[1];
  if (room === undefined) return judgeLibrary(from, name);
  return judgeRoom({ from, room, isType: isDev, inTest: isDev });
}

/** The finding for a read of process.env, or undefined. */
export function judgeEnvironment(file) {
  if (environmentReaders.some((pattern) => pattern.test(file))) return undefined;
  const mend = "Read it in the app's config.ts and hand the value over as an argument.";
  return { rule: 'environment', problem: 'reads process.env', mend };
}

function judgePath(from, target) {
  const to = roomOf(target);
  if (to === from || (to === undefined && !/^(packages|apps|functions)\//.test(target))) return undefined;
  const mend = 'Import the room by its name and export what you need from its index.ts.';
  return { rule: 'deep-import', problem: `reaches into ${to ?? target} by path`, mend };
}

function judgeSurface(from, room, rest) {
  if (rest === '' || (room === 'devstack' && rest === '/testing')) return undefined;
  const mend = `Import '@yunshang/${room}' and export what you need from its index.ts, its only public surface.`;
  return { rule: 'deep-import', problem: `imports @yunshang/${room}${rest}`, mend };
}

function judgeRoom({ from, room, isType, inTest }) {
  if (from.endsWith(`/${room}`)) return undefined;
  if (`apps/${room}` in rooms) return from === 'packages/sdk' && isType ? undefined : appFinding(room);
  if (rooms[from].includes(room) || (inTest && testRooms.includes(room))) return undefined;
  if (room === 'devstack') {
    const mend = 'Only tests, e2e and bench may (as a devDependency); other code takes its connections as arguments.';
    return { rule: 'devstack', problem: `${from} uses devstack`, mend };
  }
  const allowed = rooms[from].join(', ') || 'no other room';
  const mend = `${from} may use: ${allowed}. Move the code to the room that owns it, or pass it in as an argument.`;
  return { rule: 'arrows', problem: `${from} may not use ${room}`, mend };
}

function appFinding(room) {
  const mend = 'Move what you need into a package, or speak HTTP to the app. Only the SDK may `import type` from one.';
  return { rule: 'apps', problem: `uses the app ${room}`, mend };
}

function judgeLibrary(from, specifier) {
  const library = Object.keys(homes).find((name) => specifier === name || specifier.startsWith(`${name}/`));
  if (library === undefined || homes[library].rooms.includes(from)) return undefined;
  const home = homes[library].rooms.join(', ');
  return {
    rule: 'library',
    problem: `uses ${library}, whose home is ${home}`,
    mend: `Instead, ${homes[library].instead}.`,
  };
}

function roomOf(file) {
  return Object.keys(rooms).find((room) => file.startsWith(`${room}/`));
}

function isTest(file) {
  return file.endsWith('.test.ts') || /^(packages|apps|functions)\/[^/]+\/test\//.test(file);
}
