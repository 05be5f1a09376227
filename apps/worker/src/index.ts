export { createWorker, type Handlers, type Worker, type WorkerConfig, type WorkerDeps } from './app.ts';
