import { defineConfig } from 'vitest/config'

// Set for tests that need a processor each: these wait for timers and for one another, six files at a time.
delete process.env['VITEST_MAX_WORKERS']

export default defineConfig({
  ssr: { resolve: { conditions: ['@breakwater/source', 'module', 'node', 'import', 'default'] } },
  test: {
    include: ['test/**/*.test.ts'],
    maxWorkers: 6,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
})
