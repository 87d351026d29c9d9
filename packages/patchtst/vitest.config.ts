import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Not 'import': it would also apply where TensorFlow.js requires a package that has both forms.
  ssr: { resolve: { conditions: ['@breakwater/source', 'node', 'default'] } },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['../../tools/property-seed.mjs'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
})
