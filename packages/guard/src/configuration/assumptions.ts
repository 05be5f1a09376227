/** What is believed where nothing was measured or agreed, each with its reason. */
export const ASSUMPTIONS = {
  /** Attempts that succeed while fewer than `measuredFrom` were seen: vendors promise more, first weeks show less. */
  successPpm: 900_000,
  /** Attempts from which a measured rate is believed: below, one bad afternoon decides. */
  measuredFrom: 50,
  /** What WeChat Pay keeps of a payment, in 1/10,000: its list price of 0.60 %. */
  paymentFeePermyriad: 60,
  /** A call from which a feature counts as expensive whatever it is: more than a third of a unit of quota at ¥0.99. */
  expensiveMicroYuan: 300_000,
  /** Cost over revenue from which a margin is thin, in parts in a million: half leaves nothing for people and machines. */
  thinMarginPpm: 500_000,
} as const;

/** The least that a feature of the kind takes of quota: the customer's review list. */
export const FLOORS = { expensive: 2, video: 5 } as const;

/** Limits above which a feature can be worn out by one member before anybody looks. */
export const LOOSE = {
  video: { maxPerHour: 5, maxPerDay: 20, cooldownSeconds: 300 },
  ai: { maxPerHour: 20, maxPerDay: 100, cooldownSeconds: 30 },
  dear: { maxPerHour: 20, maxPerDay: 100, cooldownSeconds: 30 },
  other: { maxPerHour: 200, maxPerDay: 1_000 },
} as const;
