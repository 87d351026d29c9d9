import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'vitepress'
import { writeApiPages } from './api.ts'
import { firstSentence, llmsText } from './llms.ts'
import { type Page, repositoryPages, titleOf } from './pages.ts'
import { referencePages } from './reference.ts'

/** What came of a build. */
export interface BuiltSite {
  readonly pages: number
  /** Where index.html stands. */
  readonly folder: string
}

/**
 * Builds the site of the repository at `root`: its Markdown, pages of commands, columns and the payload, API pages, a playground, and
 * llms.txt; plain files for any server of files. Throws where a link of a page leads nowhere.
 */
export async function buildSite(root: string): Promise<BuiltSite> {
  const site = join(root, 'tools', 'site')
  const source = join(site, '.pages')
  rmSync(source, { recursive: true, force: true })
  cpSync(join(site, 'guide'), join(source, 'guide'), { recursive: true })
  const pages = [...guidePages(source), ...repositoryPages(root), ...(await referencePages(root))]
  for (const { path, text } of pages) write(join(source, path), text)
  const api = await writeApiPages(root, join(source, 'api'))
  const home = pages.find(({ path }) => path === 'index.md')
  write(join(source, 'public', 'llms.txt'), llmsText(pages, firstSentence(home?.text ?? '')))
  await build(site)
  return { pages: pages.length + api.length, folder: join(site, 'dist') }
}

function guidePages(source: string): Page[] {
  return globSync('guide/*.md', { cwd: source })
    .toSorted()
    .map((path) => {
      const text = readFileSync(join(source, path), 'utf8')
      return { path, text, title: titleOf(text, path) }
    })
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
