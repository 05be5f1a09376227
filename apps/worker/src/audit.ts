import {
  anchorBucket,
  anchorFolder,
  createAnchorer,
  createSealer,
  runVerifications,
  verifyChain,
  watchAuditLag,
} from '@yunshang/audit';
import type { Clock, Db, RawDatabase } from '@yunshang/db';
import { createCosStorage, type CosSettings } from '@yunshang/pipeline';
import type { ProcessConfig } from './config.ts';
import type { Schedule } from './schedules.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** So many new rows are anchored without waiting for the time. */
const ANCHORED_ROWS = 10_000;

type Deps = { db: Db; raw: RawDatabase; clock: Clock; cos: CosSettings };

/** Sealing the log, anchoring its head outside, looking after both, and proving it. */
export function auditSchedules({ db, raw, clock, cos }: Deps, config: ProcessConfig['audit']): Schedule[] {
  const { bucket, prefix, retentionDays, anchorMs, signingKey, keys, anchorDir, verifyHour } = config;
  const storage = createCosStorage({ ...cos, bucket });
  const places = [
    ...(anchorDir === undefined ? [] : [anchorFolder(anchorDir)]),
    anchorBucket(storage, { prefix, retentionDays }),
  ];
  const sealer = createSealer({ db, raw, clock });
  const anchoring = { everyMs: anchorMs, everyRows: ANCHORED_ROWS };
  const anchorer = createAnchorer({ db, clock, key: signingKey, places, config: anchoring });
  return [
    { name: 'audit.seal', everyMs: SECOND_MS, lockMs: 30 * SECOND_MS, run: () => sealer.run() },
    {
      name: 'audit.anchor',
      everyMs: Math.min(anchorMs, 10 * SECOND_MS),
      lockMs: MINUTE_MS,
      run: () => anchorer.run(),
    },
    { name: 'audit.watch', everyMs: 30 * SECOND_MS, lockMs: MINUTE_MS, run: () => watchAuditLag({ db, clock }) },
    {
      name: 'audit.verify',
      everyMs: 5 * SECOND_MS,
      lockMs: 10 * MINUTE_MS,
      run: () =>
        runVerifications(
          { db, clock, verify: (options) => verifyChain({ db, raw, clock, keys, places }, options) },
          { nightlyHour: verifyHour },
        ),
    },
  ];
}
