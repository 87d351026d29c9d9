import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/main.ts', 'src/command-line.ts'],
  format: ['esm'],
  dts: false,
  clean: false,
  target: 'node22',
  sourcemap: true,
  publicDir: 'public',
})
