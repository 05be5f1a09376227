/** What the vitest run gives each test worker. */
export type TestRun = {
  databaseUrl: string;
  redisUrl: string;
  /** Begins the name of every database of this run, so that runs on one shared server keep apart. */
  databasePrefix: string;
  /** GET `<broker>/<worker>` starts that worker's sandbox on the first call and answers its url and settings. */
  sandboxBroker: string;
};

declare module 'vitest' {
  // Merging into this interface is vitest's way of typing `provide` and `inject`.
  interface ProvidedContext {
    testRun: TestRun;
  }
}
