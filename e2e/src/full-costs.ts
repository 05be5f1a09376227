import { ago, id, insert, MEMBERS, type Owner } from './full-rows.ts';

/** Years of days on which a vendor's account was read. */
export function vendorAccounts(): string[] {
  const at = ago('n + 1 DAY');
  return [
    insert('vendor_account_entries', MEMBERS, {
      id: id('n'),
      account: "'filled'",
      kind: "'reading'",
      day: `DATE(${at})`,
      micro_yuan: '1000000',
      micro_coins: '0',
      micro_yuan_per_coin: '0',
      at,
      created_at: at,
    }),
  ];
}

/** Who was told of what. */
export function told(owner: Owner): string[] {
  return [
    insert('alert_targets', 1, {
      id: id('n + 1'),
      name: "'filled'",
      format: "'wecom'",
      host: "'example.com'",
      sealed: "''",
      key_version: '1',
      is_enabled: '1',
      created_at: ago('1 DAY'),
      updated_at: ago('1 DAY'),
    }),
    insert('alerts', MEMBERS, {
      id: id('n'),
      kind: "'heavy_use'",
      dedup_key: "CONCAT('filled:', n)",
      details: "'{}'",
      created_at: ago('n HOUR'),
      acknowledged_at: `IF(n % 100 = 1, NULL, ${ago('n MINUTE')})`,
      acknowledged_by: `IF(n % 100 = 1, NULL, ${owner(50)})`,
    }),
    insert('alert_deliveries', MEMBERS, {
      alert_id: id('n'),
      target_id: id('1'),
      status: "'sent'",
      tries: '1',
      created_at: ago('n HOUR'),
    }),
    insert('notices', MEMBERS, {
      id: id('n'),
      user_id: owner(50),
      kind: "'low_quota'",
      dedup_key: "CONCAT('filled:', n)",
      details: `'{"available": 3}'`,
      created_at: ago('n HOUR'),
      read_at: `IF(n % 10 = 1, NULL, ${ago('n MINUTE')})`,
    }),
  ];
}
