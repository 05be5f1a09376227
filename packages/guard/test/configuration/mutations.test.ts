import { expect, it } from 'vitest';
import { firstDay } from '../../src/configuration/first-day.ts';
import { readConfiguration } from '../../src/configuration/read-configuration.ts';
import { reviewConfiguration } from '../../src/configuration/review-configuration.ts';
import { whereText } from '../../src/report/verdict.ts';
import { CONFIGURATION_MUTATIONS, type ConfigurationMutation } from './mutations.ts';

const now = new Date('2026-06-01T00:00:00Z');
const NAMES = {
  features: ({ featureId }: Named) => featureId,
  plans: ({ planId, version }: Named) => `${planId}/${version}`,
  providers: ({ providerRef }: Named) => providerRef,
  forms: ({ featureId, version }: Named) => `${featureId}/${version}`,
  pipelines: ({ featureId, version }: Named) => `${featureId}/${version}`,
};
type Named = { featureId?: string; planId?: string; providerRef?: string; version?: number; body?: object };

function mutated({ set = {}, add = {} }: ConfigurationMutation): unknown {
  const configuration = structuredClone(firstDay());
  for (const [path, value] of Object.entries(set)) {
    const [kind = '', name = '', ...within] = path.split('.');
    const part = partOf(configuration, kind, name);
    put(kind === 'forms' || kind === 'pipelines' ? part.body : part, within, value);
  }
  for (const [kind, parts] of Object.entries(add)) {
    const known: unknown = Reflect.get(configuration, kind);
    Reflect.set(configuration, kind, [...(Array.isArray(known) ? known : []), ...parts]);
  }
  return configuration;
}

function partOf(configuration: ReturnType<typeof firstDay>, kind: string, name: string): Named {
  const [, nameOf] = Object.entries(NAMES).find(([known]) => known === kind) ?? [];
  const parts: unknown = Reflect.get(configuration, kind);
  const part: Named | undefined =
    Array.isArray(parts) && nameOf ? parts.find((each) => nameOf(each) === name) : undefined;
  if (part === undefined) throw new Error(`nothing is called ${kind}.${name}`);
  return part;
}

function put(into: unknown, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path;
  if (typeof into !== 'object' || into === null) throw new Error(`there is no ${path.join('.')}`);
  if (rest.length > 0) put(Reflect.get(into, key), rest, value);
  else if (value === undefined) Reflect.deleteProperty(into, key);
  else Reflect.set(into, key, value);
}

const found = (json: unknown) =>
  reviewConfiguration(readConfiguration(json), { now }).findings.map(
    ({ ruleId, where }) => `${ruleId} ${whereText(where)}`,
  );
const before = found(firstDay());

it.each(CONFIGURATION_MUTATIONS.map((mutation) => [`${mutation.ruleId}: ${mutation.says}`, mutation] as const))(
  '%s',
  (_name, mutation) => {
    const expected = `${mutation.ruleId} ${mutation.at}`;
    expect(before).not.toContain(expected);
    expect(found(mutated(mutation))).toContain(expected);
  },
);
