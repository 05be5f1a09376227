import type { AnchorLine } from './anchor.ts';

/** An anchor as a place has it. A place that names its objects by their content tells the hash without reading them. */
export type PlacedAnchor = { readonly n: number; readonly hash: string; line(): Promise<string> };

/** Where anchors are kept besides the database. What is there is never changed or removed by us. */
export type AnchorPlace = {
  readonly name: 'folder' | 'bucket';
  /** The newest anchor here; undefined when there is none. `hint` is a number near it. */
  findLast(hint: number): Promise<Pick<PlacedAnchor, 'n' | 'hash'> | undefined>;
  /** Anchors behind number `after`, in order; one number can be there more than once if somebody tampered. */
  list(after: number): AsyncIterable<PlacedAnchor>;
  /** Keeps the line for good; when it resolves the line is safe. Throws AnchorTaken when another has its number. */
  put(anchor: AnchorLine & { at: Date }): Promise<void>;
};

/** The place holds what the database does not: somebody cut the chain there, restored an older state, or runs two of them. */
export class AnchorTaken extends Error {
  override readonly name = 'AnchorTaken';

  constructor(place: string, n: number) {
    super(`the ${place} holds an anchor ${n} that the database does not have`);
  }
}
