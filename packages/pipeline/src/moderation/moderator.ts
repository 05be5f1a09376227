export type Verdict = {
  verdict: 'pass' | 'review' | 'block';
  /** The vendor's word for what it saw; for operators, never for members. */
  reason?: string;
  /** The vendor's number of the check. */
  ref?: string;
};

/** `pictures`: how many the vendor charges for; none when it could not look. */
export type Checked = { verdict: Verdict; pictures: 0 | 1 };

/** Somebody who looks at pictures. Throws MODERATION_UNAVAILABLE when no verdict could be had: nothing passes unseen. */
export type Moderator = {
  check(picture: { bytes: Buffer; contentType: string; dataId: string }): Promise<Checked>;
};
