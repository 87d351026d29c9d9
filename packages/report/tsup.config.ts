import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { defineConfig } from 'tsup'

/**
 * Files of licences, by a module in the folder that holds them: echarts, which draws the charts, stands in the build, since of the
 * 60 MB that it installs they use 1.4.
 */
const NOTICES = [
  ['echarts/package.json', 'LICENSE', 'NOTICE', 'licenses/LICENSE-d3'],
  ['zrender/package.json', 'LICENSE'],
  ['tslib', 'LICENSE.txt'],
] as const

/** The licences of what stands in the build, as they ask for. */
function notices(): string {
  const require = createRequire(createRequire(import.meta.url).resolve('echarts/package.json'))
  const texts = NOTICES.flatMap(([module, ...files]) =>
    files.map(
      (file) =>
        `${module.split('/')[0] ?? ''}/${file}\n\n${readFileSync(join(dirname(require.resolve(module)), file), 'utf8').trim()}\n`,
    ),
  )
  return texts.join('\n\n')
}

export default defineConfig(({ outDir = 'dist' }) => ({
  entry: ['src/index.ts'],
  format: ['esm'],
  dts: false,
  clean: false,
  target: 'node22',
  sourcemap: true,
  onSuccess: () => {
    writeFileSync(join(outDir, 'NOTICES.txt'), notices())
    return Promise.resolve()
  },
}))
