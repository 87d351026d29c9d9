import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, posix, relative, sep } from 'node:path'

/** A page of the site: its path in the site, its Markdown, and what an index says of it. */
export interface Page {
  readonly path: string
  readonly text: string
  readonly title: string
}

/** Markdown that a reader of the site sees; tests, tools and change notes are for whoever works on the repository. */
const SOURCES = ['*.md', 'docs/*.md', 'packages/*/README.md', 'apps/*/README.md', 'examples/*/README.md']

/** The Markdown of the repository at `root` as pages of the site, in the folders where it stands, each README as index.md. */
export function repositoryPages(root: string): Page[] {
  const files = SOURCES.flatMap((pattern) => globSync(pattern, { cwd: root })).map((file) => file.split(sep).join('/'))
  return files
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((file) => {
      const text = rewriteLinks(readFileSync(join(root, file), 'utf8'), file, root, new Set(files))
      return { path: sitePath(file), text, title: titleOf(text, file) }
    })
}

/** Where a Markdown file stands in the site. */
function sitePath(file: string): string {
  return posix.join(posix.dirname(file), posix.basename(file) === 'README.md' ? 'index.md' : posix.basename(file))
}

/** The first heading of a page, else its path. */
export function titleOf(text: string, path: string): string {
  return /^# (.+)$/m.exec(text)?.[1] ?? path
}

/**
 * Relative links as the site has them: a page by its path there, a folder by its README; to a file that is no page its name alone,
 * since the site does not hold it. Throws where a link leads nowhere. Code is left as it is.
 */
export function rewriteLinks(text: string, file: string, root: string, pages: ReadonlySet<string>): string {
  const parts = text.split(/(^```[\s\S]*?^```$)/m)
  return parts.map((part, i) => (i % 2 === 1 ? part : linksOf(part))).join('')

  function linksOf(part: string): string {
    return part.replace(
      /\[([^\]]*)\]\((?!\w+:|#)([^)#\s]+)(#[^)\s]*)?\)/g,
      (_, name: string, to: string, hash = '') => {
        const target = posix.join(posix.dirname(file), to)
        const path = join(root, target)
        if (!existsSync(path)) throw new Error(`site: ${file}: ${to}: leads nowhere. Correct the link.`)
        const page = statSync(path).isDirectory() ? posix.join(target, 'README.md') : target
        if (!pages.has(page)) return name
        const away = relative(dirname(sitePath(file)), sitePath(page))
          .split(sep)
          .join('/')
        return `[${name}](${away.startsWith('.') ? away : `./${away}`}${hash})`
      },
    )
  }
}
