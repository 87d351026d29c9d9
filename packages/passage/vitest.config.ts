import { defineConfig } from 'vitest/config'

export default defineConfig({
  ssr: { resolve: { conditions: ['@breakwater/source', 'module', 'node', 'import', 'default'] } },
  // Files share what a worker has loaded: no test changes it, and loading it anew for each takes a fifth of the time or more.
  test: {
    isolate: false,
    include: ['test/**/*.test.ts'],
    setupFiles: ['../../tools/property-seed.mjs'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
})
