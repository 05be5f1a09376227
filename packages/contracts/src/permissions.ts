/** Who a signed-in person can be. One person has one role. */
export const ROLES = ['member', 'operator', 'finance', 'auditor', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/**
 * The one table of who may do what. Every procedure and route names a permission from it; a procedure that names none
 * keeps the server from starting. `public` needs no sign-in; `vendor` is for callbacks that prove themselves by signature.
 */
export const PERMISSIONS = {
  public: 'anyone',
  vendor: 'signature',
  'account.own': ROLES,
  'plans.read': 'anyone',
  'plans.versions': ['operator', 'finance', 'auditor', 'admin'],
  'plans.write': ['finance', 'admin'],
  'orders.own': ROLES,
  'fapiao.own': ROLES,
  'quota.own': ROLES,
  'codes.redeem': ROLES,
  'campaigns.claim': ROLES,
  'features.use': ROLES,
  'uploads.own': ROLES,
  'tasks.own': ROLES,
  'assets.own': ROLES,
  'notices.own': ROLES,
  'users.roles': ['admin'],
  'orders.read_all': ['finance', 'auditor', 'admin'],
  'refunds.read': ['finance', 'auditor', 'admin'],
  'refunds.request': ['finance', 'admin'],
  'fapiao.manage': ['finance', 'admin'],
  'reconciliation.read': ['operator', 'finance', 'auditor', 'admin'],
  // Operators decide about what is theirs.
  'reconciliation.manage': ['operator', 'finance', 'admin'],
  'approvals.read': ['operator', 'finance', 'auditor', 'admin'],
  // Whoever asks can not decide, and only who asked can take it back.
  'approvals.decide': ['finance', 'admin'],
  'approvals.withdraw': ['operator', 'finance', 'admin'],
  'audit.read': ['auditor', 'admin'],
  'audit.verify': ['auditor', 'admin'],
  'codes.read': ['operator', 'finance', 'auditor', 'admin'],
  'codes.manage': ['operator', 'finance', 'admin'],
  'campaigns.read': ['operator', 'finance', 'auditor', 'admin'],
  'campaigns.manage': ['operator', 'finance', 'admin'],
  'grants.read': ['finance', 'auditor', 'admin'],
  'grants.compensate': ['finance', 'admin'],
  'definitions.read': ['operator', 'auditor', 'admin'],
  'definitions.write': ['operator', 'admin'],
  // A file may bring providers, so it takes whoever may write those.
  'definitions.import': ['admin'],
  'providers.read': ['operator', 'auditor', 'admin'],
  'providers.write': ['admin'],
  'costs.read': ['finance', 'auditor', 'admin'],
  'prices.write': ['finance', 'admin'],
  'budgets.read': ['operator', 'finance', 'auditor', 'admin'],
  'budgets.write': ['finance', 'admin'],
  'guard.read': ['operator', 'finance', 'auditor', 'admin'],
  'alerts.read': ['operator', 'finance', 'auditor', 'admin'],
  'alerts.manage': ['operator', 'finance', 'admin'],
  // A target hears everything that goes wrong here.
  'alerts.targets': ['admin'],
  'reports.read': ['finance', 'auditor', 'admin'],
  'reports.close': ['finance', 'admin'],
  'jobs.read': ['operator', 'auditor', 'admin'],
  'jobs.manage': ['operator', 'admin'],
} as const satisfies Record<string, 'anyone' | 'signature' | readonly Role[]>;

export type Permission = keyof typeof PERMISSIONS;

/** True for a permission of the table. */
export function isPermission(name: unknown): name is Permission {
  return typeof name === 'string' && Object.hasOwn(PERMISSIONS, name);
}

/** Whether a caller may act: `role` is undefined for somebody who is not signed in. */
export function isAllowed(permission: Permission, role: Role | undefined): boolean {
  const allowed: 'anyone' | 'signature' | readonly Role[] = PERMISSIONS[permission];
  if (allowed === 'anyone' || allowed === 'signature') return true;
  return role !== undefined && allowed.includes(role);
}
