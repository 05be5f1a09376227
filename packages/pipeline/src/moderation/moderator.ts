export type Verdict = {
  verdict: 'pass' | 'review' | 'block';
  /** The vendor's word for what it saw; for operators, never for members. */
  reason?: string;
  /** The vendor's number of the check. */
  ref?: string;
};

/** `pictures`: how many the vendor charges for; none when it could not look. */
export type Checked = { verdict: Verdict; pictures: 0 | 1 };

/** No verdict could be had. `isCharged` unless the vendor is known not to have looked: a lost answer may be one that is paid for. */
export class NotLooked extends Error {
  override readonly name = 'NotLooked';
  readonly isCharged: boolean;

  constructor(message: string, { isCharged }: { isCharged: boolean }) {
    super(message);
    this.isCharged = isCharged;
  }
}

export type Picture = { bytes: Buffer; contentType: string; dataId: string };

/** Somebody who looks at pictures, and calls `begin` right before the vendor is asked. Throws NotLooked: nothing passes unseen. */
export type Moderator = {
  check(picture: Picture, begin: () => Promise<void>): Promise<Checked>;
};
