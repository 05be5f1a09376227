import { defineConfig } from 'vitest/config';
import LongestFirst from './scripts/vitest-order.mjs';
import summary from './scripts/vitest-summary.mjs';

export default defineConfig({
  // The rooms' exports point at their TypeScript sources under this condition: tests need no build.
  ssr: { resolve: { conditions: ['yunshang-src', 'module', 'node', 'development|production'] } },
  test: {
    include: [
      '{apps,packages,functions}/*/{src,test}/**/*.test.ts',
      'functions/test/**/*.test.ts',
      'e2e/**/*.test.ts',
      'bench/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    globalSetup: ['./packages/devstack/src/vitest-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 20_000,
    hookTimeout: 60_000,
    reporters: ['default', summary],
  },
});
