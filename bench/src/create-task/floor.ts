import { poolOptions } from '@yunshang/db';
import { createPool, type Pool, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';

const TABLES = [
  `CREATE TABLE users (id INT PRIMARY KEY, quota_remaining INT NOT NULL, CHECK (quota_remaining >= 0)) ENGINE = InnoDB`,
  `CREATE TABLE quota_logs (id BIGINT AUTO_INCREMENT PRIMARY KEY, user_id INT NOT NULL, amount INT NOT NULL,
     created_at DATETIME(3) NOT NULL, KEY (user_id, id)) ENGINE = InnoDB`,
  `CREATE TABLE tasks (id BIGINT AUTO_INCREMENT PRIMARY KEY, user_id INT NOT NULL, feature_id VARCHAR(64) NOT NULL, input JSON NOT NULL,
     status VARCHAR(10) NOT NULL, created_at DATETIME(3) NOT NULL, KEY (user_id, id), KEY (status, id)) ENGINE = InnoDB`,
];

export type Floor = { createTask(user: number): Promise<void>; close(): Promise<void> };

async function transact(pool: Pool, user: number): Promise<void> {
  const connection = await pool.getConnection();
  try {
    await connection.query('BEGIN');
    const [[row]] = await connection.query<RowDataPacket[]>(
      'SELECT quota_remaining FROM users WHERE id = ? FOR UPDATE',
      [user],
    );
    if (row === undefined || Number(row['quota_remaining']) < 1) throw new Error('the floor has run out of quota');
    await connection.query('UPDATE users SET quota_remaining = quota_remaining - 1 WHERE id = ?', [user]);
    await connection.query<ResultSetHeader>(
      'INSERT INTO quota_logs (user_id, amount, created_at) VALUES (?, -1, NOW(3))',
      [user],
    );
    await connection.query<ResultSetHeader>(
      `INSERT INTO tasks (user_id, feature_id, input, status, created_at) VALUES (?, 'basic_clean', ?, 'pending', NOW(3))`,
      [user, '{"photo":"01ARZ3NDEKTSV4RRFFQ69G5FAV"}'],
    );
    await connection.query('COMMIT');
  } finally {
    connection.release();
  }
}

/** The least that charging for a task can be done with: 6 round trips of pooled mysql2 on tables of its own, and no HTTP. */
export async function openFloor(databaseUrl: string, users: number): Promise<Floor> {
  const pool = createPool(poolOptions(databaseUrl, 32));
  for (const statement of TABLES) await pool.query(statement);
  const rows = Array.from({ length: users }, (_, index) => `(${index}, 1000000000)`);
  await pool.query(`INSERT INTO users VALUES ${rows.join(', ')}`);
  return { createTask: (user) => transact(pool, user), close: () => pool.end() };
}
