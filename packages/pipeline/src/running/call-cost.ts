import { costOfUnits, providerItem, providerItems } from '@yunshang/billing';
import type { Endpoint } from '../providers/provider.store.ts';
import { endpointNameOf, type StepRun } from './step-run.ts';

/** What a call is going to cost: `units` at the price that holds when it begins. */
export type CallCost = {
  item: string;
  vendor: string;
  microYuan: number;
  unitMicroYuan: number;
  /** Null where the price list has none and the provider's own unit cost is taken. */
  unitPriceId: string | null;
};

export async function costOfCall(
  { prices, step }: Pick<StepRun, 'prices' | 'step'>,
  call: { endpoint: Endpoint; units: number; now: Date },
): Promise<CallCost> {
  const { endpoint, units, now } = call;
  const price = await prices.at(providerItems(endpoint.ref, endpointNameOf(step)), now);
  const unitMicroYuan = price?.microYuan ?? endpoint.unitCostMicroYuan;
  return {
    item: price?.item ?? providerItem(endpoint.ref),
    vendor: endpoint.kind,
    microYuan: costOfUnits(unitMicroYuan, units),
    unitMicroYuan,
    unitPriceId: price?.id ?? null,
  };
}
