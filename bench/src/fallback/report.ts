import { median, quantile, table } from '../measure.ts';
import type { OurCall } from './trace.ts';

export type Scenario = { name: string; primary: 'good' | 'dead'; forgets: boolean };
export type OurTurn = OurCall & { roundTripsMs: number };
export type Round = { vendor: number[]; peer: number[]; ours: OurTurn[]; deadCalls: { peer: number; ours: number } };

function line(name: string, rounds: readonly (readonly number[])[]): string[] {
  const all = rounds.flat().toSorted((a, b) => a - b);
  const p50 = median(rounds.map(median));
  return [name, p50.toFixed(2), quantile(all, 0.95).toFixed(2), quantile(all, 0.99).toFixed(2)];
}

function ratios(rounds: readonly Round[], pick: (call: OurCall) => number): string {
  const each = rounds.map((round) => median(round.ours.map(pick)) / median(round.peer));
  return `${each.map((ratio) => ratio.toFixed(2)).join(' ')}; median ${median(each).toFixed(2)}`;
}

/** The scenario's table: p50 is the median of the rounds', p95 and p99 are over all calls. */
export function report(scenario: Scenario, rounds: readonly Round[]): string {
  const ours = (pick: (call: OurCall) => number): number[][] => rounds.map((round) => round.ours.map(pick));
  const dead = (side: 'peer' | 'ours'): string => median(rounds.map((round) => round.deadCalls[side])).toString();
  return [
    `\n${scenario.name}`,
    table([
      ['', 'p50 ms', 'p95 ms', 'p99 ms'],
      line(
        'vendor called directly',
        rounds.map((round) => round.vendor),
      ),
      line(
        'a @portkey-ai/gateway',
        rounds.map((round) => round.peer),
      ),
      line(
        'b ours: choice, ledger of attempts, call, health, slot',
        ours((call) => call.stepMs),
      ),
      line(
        'c ours: the whole task, claimed to settled',
        ours((call) => call.wholeMs),
      ),
    ]),
    `b/a per round: ${ratios(rounds, (call) => call.stepMs)}`,
    `c/a per round: ${ratios(rounds, (call) => call.wholeMs)}`,
    `calls a round that reach the dead one: peer ${dead('peer')} with its warm-up, ours ${dead('ours')}`,
  ].join('\n');
}

const choice = (call: OurCall): number => call.choiceMs[0] ?? Number.NaN;

/** What the first choice of each call costs. */
export function reportChoice(rounds: readonly Round[]): string {
  const micros = (pick: (call: OurTurn) => number): string[] => {
    const all = rounds.flatMap((round) => round.ours.map(pick)).toSorted((a, b) => a - b);
    return [0.5, 0.95, 0.99].map((q) => (quantile(all, q) * 1000).toFixed(0));
  };
  return [
    '\nwhat choosing adds to a call while all is well',
    table([
      ['', 'p50 µs', 'p95 µs', 'p99 µs'],
      ['choice: candidates and their health, one chosen, slot taken', ...micros(choice)],
      ['  of it waiting for nobody: the rule itself', ...micros((call) => call.ruleMs)],
      ['for scale: two round trips that carry nothing', ...micros((call) => call.roundTripsMs)],
      ['after the call: health written, slot given back', ...micros((call) => call.afterMs)],
      ['both', ...micros((call) => choice(call) + call.afterMs)],
    ]),
  ].join('\n');
}
