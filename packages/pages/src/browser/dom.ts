/** What {@link element} makes. */
export interface ElementOptions {
  readonly class?: string
  readonly text?: string
  readonly children?: readonly Node[]
  readonly attributes?: Readonly<Record<string, string>>
}

/** An element with a class, text, attributes and children. Text is never read as markup. */
export function element(tag: string, options: ElementOptions = {}): HTMLElement {
  const { class: name, text, children = [], attributes = {} } = options
  const made = document.createElement(tag)
  if (name !== undefined) made.className = name
  if (text !== undefined) made.textContent = text
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children)
  return made
}

/** The element with an id of the page's own. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`page: no element #${id}`)
  return found
}

/** Sets an element's text where it differs, so that nothing else happens to it. */
export function say(at: Element, text: string): void {
  if (at.textContent !== text) at.textContent = text
}

/** A row of a table: its first cell heads it. */
export function row(cells: readonly (string | Node)[], first: 'td' | 'th' = 'td'): HTMLElement {
  return element('tr', {
    children: cells.map((cell, i) => {
      const tag = i === 0 ? first : 'td'
      return typeof cell === 'string' ? element(tag, { text: cell }) : element(tag, { children: [cell] })
    }),
  })
}

/** A choice of a select element. */
export const optionOf = (value: string, text: string): HTMLElement => element('option', { text, attributes: { value } })

/** The heading row of a table. */
export function headings(names: readonly string[]): HTMLElement {
  return element('tr', { children: names.map((text) => element('th', { text, attributes: { scope: 'col' } })) })
}

/** Arrow keys, Home and End move the focus between buttons and press the one that gets it. */
export function moveFocus(buttons: readonly HTMLElement[], event: KeyboardEvent): void {
  const at = buttons.findIndex((button) => button === document.activeElement)
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key]
  const next = to === undefined ? undefined : buttons[to]
  if (next === undefined) return
  event.preventDefault()
  next.focus()
  next.click()
}
