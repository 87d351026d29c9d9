import { mkdir, writeFile } from 'node:fs/promises'
import { defineConfig } from 'tsup'
import { bundlePage } from './build/bundle.ts'

const PAGES = ['live']

export default defineConfig({
  entry: ['src/live.ts'],
  format: ['esm'],
  dts: false,
  clean: false,
  target: 'node22',
  sourcemap: true,
  publicDir: 'public',
  async onSuccess() {
    await mkdir('dist/page', { recursive: true })
    await Promise.all(PAGES.map(async (name) => writeFile(`dist/page/${name}.js`, await bundlePage(name))))
  },
})
