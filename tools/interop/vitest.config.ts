import { defineConfig } from 'vitest/config'

export default defineConfig({
  ssr: { resolve: { conditions: ['@breakwater/source', 'module', 'node'] } },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['../../tools/property-seed.mjs'],
    testTimeout: 1_800_000,
    hookTimeout: 1_800_000,
  },
})
