import { FEATURES } from './features.ts';
import { PLANS, PROVIDERS } from './plans.ts';

/** What a new installation begins with, as `seed` writes it. */
export const FIRST_DAY = { plans: PLANS, providers: PROVIDERS, features: FEATURES } as const;
