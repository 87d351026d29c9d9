import { existsSync, readFileSync } from 'node:fs'

/** One file of the live page. */
export interface PageFile {
  readonly type: string
  readonly body: Buffer
}

const TYPES = { html: 'text/html; charset=utf-8', css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8' }
const FILES = [
  ['/', 'index.html', TYPES.html],
  ['/page.css', 'page.css', TYPES.css],
  ...['page', 'ladder', 'detail', 'dom', 'format'].map((name) => [`/${name}.js`, `${name}.js`, TYPES.js] as const),
  ['/schema.json', '../viewport-payload.schema.json', 'application/schema+json'],
] as const

/** The files of the live page by the path they are asked for under. */
export function readPageFiles(): ReadonlyMap<string, PageFile> {
  // Beside the sources, and beside the built program.
  const folder = [new URL('../../public/page/', import.meta.url), new URL('page/', import.meta.url)].find((url) =>
    existsSync(url),
  )
  if (folder === undefined)
    throw new Error('scorer: the files of the live page are missing. Install the package again.')
  return new Map(FILES.map(([path, name, type]) => [path, { type, body: readFileSync(new URL(name, folder)) }]))
}
