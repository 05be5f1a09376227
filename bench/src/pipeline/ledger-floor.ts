import { poolOptions } from '@yunshang/db';
import { createPool } from 'mysql2/promise';

const TABLES = [
  `CREATE TABLE jobs (id INT PRIMARY KEY, status VARCHAR(10) NOT NULL, lease VARCHAR(64) NULL) ENGINE = InnoDB`,
  `CREATE TABLE attempts (id INT PRIMARY KEY, status VARCHAR(10) NOT NULL) ENGINE = InnoDB`,
  `CREATE TABLE charges (id INT PRIMARY KEY, status VARCHAR(10) NOT NULL) ENGINE = InnoDB`,
  `CREATE TABLE results (id INT PRIMARY KEY, object_key VARCHAR(200) NOT NULL) ENGINE = InnoDB`,
];

export type LedgerFloor = { work(index: number): Promise<void>; close(): Promise<void> };

/**
 * The least that a paid step has to write so that no crash loses or repeats it: that it is begun and by whom, that the vendor is
 * about to be called, and, together, what came of it. Three commits on tables of its own, one statement a row.
 */
export async function openLedgerFloor(
  databaseUrl: string,
  load: { count: number; concurrency: number },
): Promise<LedgerFloor> {
  const pool = createPool(poolOptions(databaseUrl, load.concurrency + 1));
  for (const statement of TABLES) await pool.query(statement);
  const rows = Array.from({ length: load.count }, (_, index) => `(${index}, 'held')`).join(', ');
  await pool.query(`INSERT INTO jobs (id, status) VALUES ${rows}`);
  await pool.query(`INSERT INTO charges VALUES ${rows}`);
  return {
    work: async (index) => {
      const connection = await pool.getConnection();
      await connection.query(`UPDATE jobs SET status = 'begun', lease = 'me' WHERE id = ? AND status = 'held'`, [
        index,
      ]);
      await connection.query(`INSERT INTO attempts VALUES (?, 'started')`, [index]);
      await connection.query('BEGIN');
      await connection.query(`UPDATE attempts SET status = 'succeeded' WHERE id = ?`, [index]);
      await connection.query('INSERT INTO results VALUES (?, ?)', [index, `u/x/results/${index}.png`]);
      await connection.query(`UPDATE charges SET status = 'settled' WHERE id = ?`, [index]);
      await connection.query(`UPDATE jobs SET status = 'done', lease = NULL WHERE id = ? AND lease = 'me'`, [index]);
      await connection.query('COMMIT');
      connection.release();
    },
    close: () => pool.end(),
  };
}
