import { copyFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'tsup'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  entry: ['src/index.ts', 'src/parquet.ts', 'src/vocabulary.ts'],
  format: ['esm'],
  dts: false,
  clean: false,
  target: 'node22',
  sourcemap: true,
  onSuccess: () => copyFile(here('../../data/features.json'), here('dist/features.json')),
})
