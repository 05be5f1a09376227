import { benchBooks } from './books/books.ts';
import { benchCreateTask } from './create-task/create-task.ts';
import { benchFallback } from './fallback/fallback.ts';
import { benchGuard } from './guard/guard.ts';
import { benchNotifications } from './notifications/notifications.ts';
import { benchPipeline } from './pipeline/pipeline.ts';
import { benchReconcile } from './reconcile/reconcile.ts';
import { benchReport } from './report/report.ts';
import { benchSealing } from './sealing/sealing.ts';

const [name, rounds = '5'] = process.argv.slice(2);
switch (name) {
  case 'books':
    await benchBooks(Number(process.argv[3] ?? 1_000_000));
    break;
  case 'create-task':
    await benchCreateTask(Number(rounds));
    break;
  case 'fallback':
    await benchFallback(Number(rounds));
    break;
  case 'guard':
    await benchGuard(Number(rounds));
    break;
  case 'notifications':
    await benchNotifications(Number(rounds));
    break;
  case 'pipeline':
    await benchPipeline(Number(rounds));
    break;
  case 'reconcile':
    await benchReconcile();
    break;
  case 'report':
    await benchReport(Number(rounds));
    break;
  case 'sealing':
    await benchSealing(Number(rounds));
    break;
  default:
    console.error(
      'usage: pnpm bench books [most rows]\n       pnpm bench create-task|fallback|guard|notifications|pipeline|reconcile|report|sealing [rounds]',
    );
    process.exitCode = 2;
}
