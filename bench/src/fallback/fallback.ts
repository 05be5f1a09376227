import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startProcess, startServices } from '@yunshang/devstack';
import { openOurs, type Ours } from './ours.ts';
import { callGateway, callVendor, type Caller } from './peer.ts';
import { report, reportChoice, type OurTurn, type Round, type Scenario } from './report.ts';

const CALLS = 40;
const WARM = 10;
const LATENCY_MS = 2;

const main = (name: string): string => `bench/src/fallback/${name}-main.ts`;

type Addresses = { vendorUrl: string; gatewayPort: number };

const SCENARIOS = [
  { name: 'the first candidate is well', primary: 'good', forgets: false },
  { name: 'the first is dead, and nobody remembers: a fallback each time', primary: 'dead', forgets: true },
  { name: 'the first is dead, ours with its breaker (the peer has none)', primary: 'dead', forgets: false },
] as const satisfies readonly Scenario[];

async function deadCalls(vendorUrl: string): Promise<number> {
  const counts: unknown = await (await fetch(`${vendorUrl}/calls`)).json();
  if (typeof counts !== 'object' || counts === null || !('dead' in counts))
    throw new Error('the vendor does not count');
  return Number(counts.dead);
}

async function measureCaller(open: Promise<Caller>): Promise<number[]> {
  const caller = await open;
  const times: number[] = [];
  for (let turn = 0; turn < WARM + CALLS; turn += 1) {
    const tookMs = await caller.call();
    if (turn >= WARM) times.push(tookMs);
  }
  caller.close();
  return times;
}

async function measureOurs(ours: Ours, scenario: Scenario): Promise<OurTurn[]> {
  await ours.prepare('good', WARM);
  for (let turn = 0; turn < WARM; turn += 1) await ours.call();
  await ours.prepare(scenario.primary, CALLS);
  await ours.forgetHealth();
  const calls: OurTurn[] = [];
  for (let turn = 0; turn < CALLS; turn += 1) {
    if (scenario.forgets) await ours.forgetHealth();
    const roundTripsMs = await ours.roundTrips();
    calls.push({ ...(await ours.call()), roundTripsMs });
  }
  return calls;
}

async function measureRound(ours: Ours, at: Addresses, asked: { scenario: Scenario; round: number }): Promise<Round> {
  const { vendorUrl, gatewayPort } = at;
  const { scenario, round } = asked;
  const before = await deadCalls(vendorUrl);
  const vendor = await measureCaller(callVendor(vendorUrl));
  const peerTurn = (): Promise<number[]> => measureCaller(callGateway(gatewayPort, vendorUrl, scenario.primary));
  // Whoever goes first finds the machine as the other left it: in turns.
  const early = round % 2 === 1 ? await peerTurn() : undefined;
  const betweenOne = await deadCalls(vendorUrl);
  const calls = await measureOurs(ours, scenario);
  const betweenTwo = await deadCalls(vendorUrl);
  const peer = early ?? (await peerTurn());
  const after = await deadCalls(vendorUrl);
  const oursDead = betweenTwo - betweenOne;
  return { vendor, peer, ours: calls, deadCalls: { ours: oursDead, peer: after - before - oursDead } };
}

/**
 * One call with a spare behind it, through @portkey-ai/gateway's own server and through our runner, to the same vendor in the
 * same round, one call at a time. The peer is asked over HTTP as it is meant to be and keeps nothing; ours runs in the worker's
 * process and commits to a durable database before and after each call.
 */
export async function benchFallback(rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const services = await startServices({ durable: true });
  const vendor = await startProcess({ name: 'vendor', main: main('vendor'), args: [String(LATENCY_MS)], folder });
  const gatewayPort = await freePort();
  const env = { NODE_ENV: 'production' };
  const gateway = await startProcess({
    name: 'gateway',
    main: main('gateway'),
    args: [String(gatewayPort)],
    env,
    folder,
  });
  const ours = await openOurs(services, vendor.url);
  try {
    console.log(`${rounds} rounds of ${CALLS} calls each, one at a time; the vendor takes ${LATENCY_MS} ms`);
    const done = new Map<Scenario, Round[]>(SCENARIOS.map((scenario) => [scenario, []]));
    const at = { vendorUrl: vendor.url, gatewayPort };
    // Unmeasured: what is compiled and connected only once.
    await measureRound(ours, at, { scenario: SCENARIOS[1], round: 0 });
    for (let round = 1; round <= rounds; round += 1)
      for (const [scenario, kept] of done) kept.push(await measureRound(ours, at, { scenario, round }));
    for (const [scenario, kept] of done) console.log(report(scenario, kept));
    console.log(reportChoice(done.get(SCENARIOS[0]) ?? []));
    await ours.close();
  } finally {
    await Promise.all([gateway.stop(), vendor.stop()]);
    await services.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
