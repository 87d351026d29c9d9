import { execFileSync } from 'node:child_process'
import { copyFileSync, globSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'bundle-size-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const modules = join(folder, 'node_modules')

/** Packages as they are published, and the libraries that a bundler has to find beside them. */
const PACKAGES = ['formats', 'trees', 'calibration']
const LIBRARIES = { zod: 'calibration', 'pure-rand': 'trees', '@bufbuild': 'formats' }

beforeAll(() => {
  for (const name of PACKAGES) {
    const [source, target] = [join(root, 'packages', name), join(modules, '@breakwater', name)]
    mkdirSync(target, { recursive: true })
    copyFileSync(join(source, 'package.json'), join(target, 'package.json'))
    execFileSync('pnpm', ['exec', 'tsup', '--silent', '--out-dir', join(target, 'dist')], { cwd: source })
    for (const kernel of globSync('src/*/*.wasm', { cwd: source })) {
      copyFileSync(join(source, kernel), join(target, 'dist', basename(kernel)))
    }
  }
  for (const [name, user] of Object.entries(LIBRARIES)) {
    symlinkSync(join(root, 'packages', user, 'node_modules', name), join(modules, name))
  }
})

/** Bytes of a page's script that uses one name of a package, minified, and the same compressed. */
async function bundleOf(name: string, from: string): Promise<{ bytes: number; gzip: number }> {
  const { outputFiles } = await build({
    stdin: { contents: `import { ${name} } from '${from}'\nconsole.log(${name})`, resolveDir: join(modules, '..') },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    logLevel: 'error',
  })
  const [file] = outputFiles
  if (file === undefined) throw new Error(`bundle of ${name}: nothing was written`)
  return { bytes: file.contents.length, gzip: gzipSync(file.contents).length }
}

test.each([
  ['brierScore', '@breakwater/calibration', 5000, 2000],
  ['predictRow', '@breakwater/trees', 3000, 1500],
  ['trainBoosted', '@breakwater/trees', 80_000, 32_000],
])('%s alone costs a page little', async (name, from, most, mostGzip) => {
  const { bytes, gzip } = await bundleOf(name, from)
  expect(bytes).toBeGreaterThan(300)
  expect(bytes).toBeLessThan(most)
  expect(gzip).toBeLessThan(mostGzip)
})
