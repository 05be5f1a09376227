import type { Anchor } from '../anchors/anchor.ts';
import type { Block } from '../chain/block.ts';
import type { FindingsList } from './findings-list.ts';

/** Compares the chain with what was anchored while the proof walks along it. */
export type AnchorCheck = {
  /** The newest anchor that the chain is the same as. */
  readonly confirmed: Anchor | undefined;
  pass(block: Pick<Block, 'seq' | 'chainHash'>, totals: ReadonlyMap<string, number>): void;
  /** At the end: anchors that saw more than there is. */
  finish(headSeq: number): void;
};

/** `anchors` in the order of their blocks. */
export function checkAgainst(anchors: readonly Anchor[], findings: FindingsList): AnchorCheck {
  let next = 0;
  let confirmed: Anchor | undefined;
  const check = (anchor: Anchor, chainHash: Buffer, totals: ReadonlyMap<string, number>): void => {
    const isSame =
      chainHash.toString('hex') === anchor.chain &&
      Object.entries(anchor.rows).every(([source, rows]) => (totals.get(source) ?? 0) === rows);
    if (isSame) confirmed = anchor;
    else
      findings.add(
        'chain_rewritten',
        { where: 'audit_blocks', id: anchor.block },
        `not what anchor ${anchor.n} of ${anchor.at.toISOString()} saw; changed behind block ${confirmed?.block ?? 0}`,
      );
  };
  return {
    get confirmed() {
      return confirmed;
    },
    pass: ({ seq, chainHash }, totals) => {
      for (let anchor = anchors[next]; anchor !== undefined && anchor.block <= seq; anchor = anchors[next]) {
        if (anchor.block === seq) check(anchor, chainHash, totals);
        next += 1;
      }
    },
    finish: (headSeq) => {
      const first = anchors[next];
      if (first === undefined) return;
      findings.add(
        'chain_cut',
        { where: 'audit_blocks', id: headSeq + 1 },
        `the chain ends at block ${headSeq}; anchor ${first.n} of ${first.at.toISOString()} saw block ${first.block} and ${rowsText(first)}`,
      );
    },
  };
}

function rowsText({ rows }: Anchor): string {
  return Object.entries(rows)
    .map(([source, count]) => `${count} rows of ${source}`)
    .join(', ');
}
