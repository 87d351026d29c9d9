import type { Page } from './pages.ts'

const SECTIONS: readonly (readonly [title: string, pattern: RegExp])[] = [
  ['Guides', /^(?:index|docs\/|guide\/|CONTRIBUTING|SECURITY)/],
  ['Reference', /^reference\//],
  ['Programs and examples', /^(?:apps|examples)\//],
  ['Packages', /^packages\//],
]

/** llms.txt (llmstxt.org) of these pages: the site in one list that a language model reads first. */
export function llmsText(pages: readonly Page[], summary: string): string {
  const sections = SECTIONS.map(([title, pattern]) => {
    const lines = pages
      .filter(({ path }) => pattern.test(path))
      .map(({ path, title: name, text }) => `- [${name}](/${path}): ${firstSentence(text)}`)
    return `## ${title}\n\n${lines.join('\n')}\n`
  })
  return `# Breakwater\n\n> ${summary}\n\n${sections.join('\n')}`
}

/** The first sentence of a page's first paragraph, without its links. */
export function firstSentence(text: string): string {
  const paragraph = text.split('\n\n').find((part) => /^[A-Z`[]/.test(part)) ?? ''
  const plain = paragraph.replaceAll('\n', ' ').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
  return /^.*?[.?](?= |$)/.exec(plain)?.[0] ?? plain
}
