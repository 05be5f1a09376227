/** Compares one day in a process of its own and says how long it took and how much memory. usage: work-main.ts <settings file> <day> */
import { readFileSync } from 'node:fs';
import { createBillGateway, createReconciliationWork, createWechatGateway } from '@yunshang/billing';
import { connect, systemClock } from '@yunshang/db';
import { readWork } from './work.ts';

const [path = '', day = ''] = process.argv.slice(2);
const { databaseUrl, wechat } = readWork(readFileSync(path, 'utf8'));
const database = connect(databaseUrl, { connectionLimit: 4 });
let bytes = 0;
const work = createReconciliationWork({
  db: database.db,
  clock: systemClock,
  wechat: createWechatGateway(wechat, systemClock),
  bills: createBillGateway(wechat, systemClock),
  archive: { keep: async (_key, file) => void (bytes += file.bytes) },
  consumption: async () => [],
});
const began = performance.now();
const { run } = await work.runNow(day);
const ms = performance.now() - began;
await database.close();
console.log(JSON.stringify({ ms, maxRssKb: process.resourceUsage().maxRSS, runId: run.id, state: run.state, bytes }));
