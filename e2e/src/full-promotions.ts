import { ago, ahead, id, insert, MEMBERS, type Owner } from './full-rows.ts';

/** Codes, campaigns and compensations of years, nearly all of them over. */
export function promotions(owner: Owner): string[] {
  const made = ago('n HOUR');
  return [
    insert('code_batches', MEMBERS, {
      id: id('n'),
      title: "'filled'",
      quota: '1',
      grant_days: '30',
      code_count: '1',
      uses_per_code: '1',
      per_user_limit: '1',
      expires_at: ago('n MINUTE'),
      status: "'issued'",
      created_by: owner(50),
      created_at: made,
      issued_at: made,
    }),
    insert('redemption_codes', MEMBERS, {
      id: 'n + 1',
      batch_id: id('n'),
      code_hash: "UNHEX(SHA2(CONCAT('code', n), 256))",
      uses: '1',
      max_uses: '1',
    }),
    insert('code_uses', MEMBERS, {
      code_id: 'n + 1',
      use_no: '1',
      batch_id: id('n'),
      user_id: owner(50),
      user_no: '1',
      grant_id: id('n'),
      created_at: made,
    }),
    insert('campaigns', MEMBERS, {
      id: id('n'),
      title: "'filled'",
      audience: "'members'",
      delivery: "'claim'",
      quota: '1',
      grant_days: '30',
      total_cap: '10',
      claimed: '1',
      starts_at: ago('n + 1 HOUR'),
      ends_at: `IF(n % 1000 = 1, ${ahead('n + 1 DAY')}, ${ago('n MINUTE')})`,
      status: "'open'",
      created_by: owner(50),
      created_at: made,
    }),
    insert('campaign_accounts', MEMBERS, { campaign_id: id('n'), user_id: owner(50) }),
    insert('campaign_claims', MEMBERS, {
      campaign_id: id('n'),
      user_id: owner(50),
      grant_id: id('n'),
      created_at: made,
    }),
    insert('compensations', MEMBERS, {
      id: id('n'),
      user_id: owner(50),
      amount: '1',
      grant_days: '7',
      reason: "'filled'",
      given_by: id('n + 10000'),
      grant_id: id('n'),
      created_at: made,
    }),
  ];
}
