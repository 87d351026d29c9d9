import { defineConfig } from 'vitest/config'

export default defineConfig({
  ssr: { resolve: { conditions: ['@breakwater/source', 'module', 'node', 'import', 'default'] } },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['../../tools/property-seed.mjs'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
})
