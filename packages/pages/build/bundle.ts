import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/**
 * The script of a page as one classic script: its modules and the charting library, minified, with the licences of what it
 * holds at its end. `name` is that of a module in src/browser.
 */
export async function bundlePage(name: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`../src/browser/${name}.ts`, import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2023',
    conditions: ['@breakwater/source', 'production'],
    minify: true,
    legalComments: 'eof',
  })
  const [script] = outputFiles
  if (script === undefined) throw new Error(`pages: ${name}: the bundler wrote no script`)
  return script.contents
}
