import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'oxc-parser';

// The least that judging code takes: every file read and parsed, its tree in our hands.
const [folder = '.'] = process.argv.slice(2);
let bodies = 0;
for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
  if (name.endsWith('.ts')) bodies += parseSync(name, readFileSync(join(folder, name), 'utf8')).program.body.length;
console.log(bodies);
