import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

/** One file of a page. */
export interface PageFile {
  readonly type: string
  readonly body: Uint8Array
}

const TYPES = { html: 'text/html; charset=utf-8', css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8' }

/**
 * The files of a page by their names: `<page>.html`, `page.css` and `<page>.js`. From the sources of this workspace the script
 * is bundled anew; the package that is published holds it.
 */
export async function pageFiles(page: 'live' | 'workbench'): Promise<ReadonlyMap<string, PageFile>> {
  const sources = new URL('../public/page/', import.meta.url)
  const isBuilt = !existsSync(sources)
  const folder = isBuilt ? new URL('page/', import.meta.url) : sources
  const read = async (name: string, type: string): Promise<[string, PageFile]> => [
    name,
    { type, body: await readFile(new URL(name, folder)) },
  ]
  const script: Promise<[string, PageFile]> = isBuilt
    ? read(`${page}.js`, TYPES.js)
    : bundled(page).then((body) => [`${page}.js`, { type: TYPES.js, body }])
  return new Map(await Promise.all([read(`${page}.html`, TYPES.html), read('page.css', TYPES.css), script]))
}

async function bundled(page: string): Promise<Uint8Array> {
  // Named so that no bundler follows it: the published package has neither this file nor what it needs.
  const root = new URL('../', import.meta.url)
  const bundler = new URL('build/bundle.ts', root).href
  const { bundlePage } = (await import(bundler)) as { bundlePage: (name: string) => Promise<Uint8Array> }
  return bundlePage(page)
}
