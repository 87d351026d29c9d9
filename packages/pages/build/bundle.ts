import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { PAGE_OPTIONS } from './options.ts'

/** The script of a page, made from the sources as the published one is; `name` is that of a module in src/browser. */
export async function bundlePage(name: string): Promise<Uint8Array> {
  const { conditions, ...options } = PAGE_OPTIONS
  const { outputFiles } = await build({
    ...options,
    conditions: [...conditions],
    entryPoints: [fileURLToPath(new URL(`../src/browser/${name}.ts`, import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
  })
  const [script] = outputFiles
  if (script === undefined) throw new Error(`pages: ${name}: the bundler wrote no script`)
  return script.contents
}
