import type { FaultKind, FaultSpec, Vendor } from './fault-schema.ts';

export type { Vendor } from './fault-schema.ts';

export type Fault = FaultSpec & { id: number };
export type FaultOf<K extends FaultKind> = Extract<Fault, { kind: K }>;

/** The call a fault may bend. */
export type FaultTarget = { vendor: Vendor; action: string; ids: Readonly<Record<string, string>> };

export type FaultBoard = {
  add(spec: FaultSpec): Fault;
  /** The oldest fault of one of these kinds that fits the call, used up once. */
  take<K extends FaultKind>(target: FaultTarget, kinds: readonly K[]): FaultOf<K> | undefined;
  list(): Fault[];
  clear(): void;
};

export function createFaultBoard(): FaultBoard {
  let faults: Fault[] = [];
  let lastId = 0;
  return {
    add(spec) {
      lastId += 1;
      const fault = { ...spec, id: lastId };
      faults.push(fault);
      return fault;
    },
    take(target, kinds) {
      for (const fault of faults) {
        if (!isOfKind(fault, kinds) || !fits(fault, target)) continue;
        if (fault.times !== 'always') {
          fault.times -= 1;
          if (fault.times === 0) faults = faults.filter((other) => other.id !== fault.id);
        }
        return fault;
      }
      return undefined;
    },
    list: () => [...faults],
    clear() {
      faults = [];
    },
  };
}

function isOfKind<K extends FaultKind>(fault: Fault, kinds: readonly K[]): fault is FaultOf<K> {
  return kinds.some((kind) => kind === fault.kind);
}

function fits(fault: Fault, target: FaultTarget): boolean {
  if (fault.vendor !== target.vendor) return false;
  return Object.entries(fault.match).every(([name, wanted]) => {
    if (wanted === undefined) return true;
    if (name === 'action') return target.action === wanted;
    if (name === 'keyPrefix') return target.ids['key']?.startsWith(wanted) === true;
    return target.ids[name] === wanted;
  });
}
