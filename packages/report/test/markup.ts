/** The text of a page: no style sheet, no tags, entities resolved, white space collapsed. */
export function textOf(markup: string): string {
  return markup
    .replaceAll(/<style>[\s\S]*?<\/style>/g, ' ')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ')
}

const VOID = new Set(['meta', 'br', 'hr', 'img', 'input', 'link'])

/** Tags that do not close, or close what is not open. */
export function unbalanced(markup: string): string[] {
  const open: string[] = []
  const faults: string[] = []
  for (const [, slash, name = '', rest = ''] of markup.matchAll(/<(\/?)([a-zA-Z][\w-]*)((?:"[^"]*"|[^">])*)>/g)) {
    if (VOID.has(name) || rest.endsWith('/')) continue
    if (slash === '') open.push(name)
    else if (open.pop() !== name) faults.push(`</${name}>`)
  }
  return [...faults, ...open]
}

/** The text of each cell of a row. */
export const cellsOf = (row: string): string[] =>
  [...row.matchAll(/<t[hd][^>]*>([\s\S]*?)<\/t[hd]>/g)].map(([, cell = '']) => textOf(cell).trim())
