import { whole, type Provider, type Step } from './configuration.ts';
import type { Facts } from './facts.ts';

/** What one call costs us, and where that is said. */
export type UnitCost = { microYuan: number; source: string };

/**
 * The price that holds now for the step's endpoint, else for the provider, else the estimate in the provider's own row. A provider
 * that is our own engine may cost nothing; of anybody else's, nothing is no figure, and the cost is unknown.
 */
export function unitCostOf(facts: Facts, provider: Provider, step: Step): UnitCost | undefined {
  const { providerRef } = provider;
  const endpoint = step.scfFunction ?? step.endpoint;
  const items = [...(endpoint === undefined ? [] : [`provider:${providerRef}:${endpoint}`]), `provider:${providerRef}`];
  for (const item of items) {
    const price = facts.configuration.unitPrices.find((row) => row.item === item && holds(row, facts.now));
    const microYuan = whole(price?.microYuan);
    if (microYuan !== undefined && microYuan >= 0) return { microYuan, source: `unit price ${item}` };
  }
  const estimate = whole(provider.unitCostMicroYuan);
  if (estimate === undefined || estimate < 0 || (estimate === 0 && provider.kind !== 'builtin')) return undefined;
  return { microYuan: estimate, source: 'unitCostMicroYuan' };
}

function holds({ validFrom, validTo }: { validFrom: string; validTo?: string | null | undefined }, now: Date): boolean {
  return new Date(validFrom) <= now && (validTo === undefined || validTo === null || new Date(validTo) > now);
}
