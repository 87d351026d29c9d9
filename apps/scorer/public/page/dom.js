/**
 * An element with a class, text and children. Text is never read as markup.
 *
 * @param {string} tag
 * @param {{ class?: string, text?: string, children?: readonly Node[] }} [options]
 * @returns {HTMLElement}
 */
export function element(tag, { class: name, text, children = [] } = {}) {
  const made = document.createElement(tag)
  if (name !== undefined) made.className = name
  if (text !== undefined) made.textContent = text
  made.append(...children)
  return made
}

/**
 * The element with an id of the page's own.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`page: no element #${id}`)
  return found
}

/**
 * Sets an element's text where it differs, so that nothing else happens to it.
 *
 * @param {HTMLElement} at
 * @param {string} text
 */
export function say(at, text) {
  if (at.textContent !== text) at.textContent = text
}
