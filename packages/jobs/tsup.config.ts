import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/connection.ts', 'src/index.ts', 'src/jetstream.ts', 'src/threads/job-thread.ts'],
  format: ['esm'],
  dts: false,
  clean: false,
  target: 'node22',
  sourcemap: true,
})
