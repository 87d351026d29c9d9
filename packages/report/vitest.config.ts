import { defineConfig } from 'vitest/config'

export default defineConfig({
  ssr: { resolve: { conditions: ['@breakwater/source', 'module', 'node', 'import', 'default'] } },
  // Files share what a worker has loaded: most of them read one sample, which takes seconds to make.
  test: { isolate: false, include: ['test/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 600_000 },
})
