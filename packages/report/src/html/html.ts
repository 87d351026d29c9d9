/** Markup that is safe to put into a page as it is. Made by {@link html} and {@link trusted} only. */
export interface Html {
  readonly markup: string
}

/** What a template may hold: text is escaped, null is nothing, lists are joined. */
export type HtmlPart = Html | string | number | null | readonly Html[]

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text with the characters that mean something in HTML, in elements and in quoted attributes, escaped. */
export const escapeText = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '')

/**
 * A tagged template: everything put into it is escaped, unless it is {@link Html} itself. Indentation of the template's
 * lines is dropped.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  const markup = strings.map((string, i) => string.replaceAll(/\n\s+/g, '\n') + render(parts[i] ?? null)).join('')
  return { markup }
}

/** Declares markup of our own making to be safe. Never pass it anything read from data. */
export const trusted = (markup: string): Html => ({ markup })

function render(part: HtmlPart): string {
  if (part === null) return ''
  if (typeof part === 'string' || typeof part === 'number') return escapeText(String(part))
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('')
}
