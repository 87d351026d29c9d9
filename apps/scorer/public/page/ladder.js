import { byId, element, say } from './dom.js'
import { dollars, percent } from './format.js'

/** @typedef {import('../../src/index.ts').TargetPayload} Target */
/** @typedef {import('../../src/index.ts').IncomingLevel} Level */
/** @typedef {{ readonly key: string, readonly price: number, readonly item: HTMLElement }} Rung */

/** Levels without a target farther than this from the price are left out, dollars. */
const SHOWN_WITHIN = 2.5
const HOT = new Set(['TOUCH', 'CONFIRMATION'])
const WORDS = {
  FAR: 'far',
  APPROACHING: 'approaching',
  IN_MONITOR_BAND: 'in band',
  TOUCH: 'touch',
  CONFIRMATION: 'confirmed',
  RESOLVED: 'resolved',
}

/**
 * The ladder: rungs stay the same elements from tick to tick, so that focus and clicks are not lost.
 *
 * @param {(id: string) => void} onChoose
 */
export function createLadder(onChoose) {
  const list = byId('ladder')
  /** @type {Map<string, HTMLElement>} */
  const items = new Map()
  const spotLine = element('li', { class: 'spot-line' })
  list.addEventListener('keydown', (event) => moveFocus(list, event))

  /**
   * @param {Target} target
   * @param {string | null} chosen
   * @returns {Rung}
   */
  const targetRung = (target, chosen) => {
    const key = `target ${target.level_id}`
    let item = items.get(key)
    if (item === undefined) {
      item = newTarget(target.level_id, onChoose)
      items.set(key, item)
    }
    fill(item, target, target.level_id === chosen)
    return { key, price: target.level_price, item }
  }

  /**
   * @param {Level} level
   * @returns {Rung}
   */
  const levelRung = (level) => {
    const key = `level ${level.id}`
    const item = items.get(key) ?? element('li', { children: [plainLevel()] })
    items.set(key, item)
    say(part(item, 'price'), dollars(level.price))
    say(part(item, 'kind'), level.kind)
    return { key, price: level.price, item }
  }

  return {
    /**
     * @param {number} spot
     * @param {readonly Target[]} targets
     * @param {readonly Level[]} levels
     * @param {string | null} chosen
     */
    show(spot, targets, levels, chosen) {
      const taken = new Set(targets.map(({ level_id: id }) => id))
      const others = levels.filter(({ id, price }) => !taken.has(id) && Math.abs(price - spot) <= SHOWN_WITHIN)
      const rungs = [...targets.map((target) => targetRung(target, chosen)), ...others.map(levelRung)]
      say(spotLine, dollars(spot))
      rungs.push({ key: 'spot', price: spot, item: spotLine })
      rungs.sort((a, b) => b.price - a.price || (a.key < b.key ? -1 : 1))
      const kept = new Set(rungs.map(({ key }) => key))
      for (const key of items.keys()) if (!kept.has(key)) items.delete(key)
      place(list, rungs)
      byId('empty').hidden = rungs.length > 1
    },
  }
}

/**
 * Puts the rungs in order, touching the list only where it differs: moving an element takes its focus.
 *
 * @param {HTMLElement} list
 * @param {readonly Rung[]} rungs
 */
function place(list, rungs) {
  const focused = document.activeElement
  const wanted = rungs.map(({ item }) => item)
  if (list.children.length === wanted.length && wanted.every((item, i) => list.children[i] === item)) return
  list.replaceChildren(...wanted)
  if (focused instanceof HTMLElement && list.contains(focused)) focused.focus()
}

const span = (/** @type {string} */ name) => element('span', { class: name })

/**
 * @param {string} id
 * @param {(id: string) => void} onChoose
 */
function newTarget(id, onChoose) {
  const bar = element('span', {
    class: 'bar',
    children: [span('break'), span('bounce'), span('whisker of-break'), span('whisker of-bounce')],
  })
  const odds = element('span', { class: 'odds', children: [span('p-break'), bar, span('p-bounce')] })
  const button = element('button', { children: [span('price'), span('kind'), span('state'), odds] })
  button.setAttribute('type', 'button')
  button.addEventListener('click', () => onChoose(id))
  const item = element('li', { children: [button] })
  item.dataset['id'] = id
  return item
}

const plainLevel = () =>
  element('span', {
    class: 'level',
    children: [span('price'), span('kind')],
  })

/**
 * @param {HTMLElement} item
 * @param {string} name
 * @returns {HTMLElement}
 */
function part(item, name) {
  const found = item.querySelector(`.${name}`)
  if (!(found instanceof HTMLElement)) throw new Error(`page: no .${name} in a rung`)
  return found
}

/**
 * @param {HTMLElement} item
 * @param {Target} target
 * @param {boolean} isChosen
 */
function fill(item, target, isChosen) {
  const { p_break: pBreak, p_bounce: pBounce, viewport_state: state } = target
  const arrow = target.direction === 'UP' ? '↑' : target.direction === 'DOWN' ? '↓' : ''
  say(part(item, 'price'), dollars(target.level_price))
  say(part(item, 'kind'), `${arrow} ${target.level_kind_name}${target.pinned ? ', pinned' : ''}`.trim())
  const word = part(item, 'state')
  say(word, target.error === null ? WORDS[state] : `${WORDS[state]}, ${target.error}`)
  word.dataset['hot'] = String(HOT.has(state))
  say(part(item, 'p-break'), percent(pBreak))
  say(part(item, 'p-bounce'), percent(pBounce))
  part(item, 'break').style.width = width(pBreak)
  part(item, 'bounce').style.width = width(pBounce)
  whisker(part(item, 'of-break'), target.p_break_interval, 'left')
  whisker(part(item, 'of-bounce'), target.p_bounce_interval, 'right')
  const button = item.querySelector('button')
  button?.setAttribute('aria-current', String(isChosen))
  button?.setAttribute('aria-label', spoken(target, arrow))
}

/** @param {number | null} share */
const width = (share) => `${(share ?? 0) * 100}%`

/**
 * @param {HTMLElement} line
 * @param {readonly [number, number] | null} interval
 * @param {'left' | 'right'} side
 */
function whisker(line, interval, side) {
  line.hidden = interval === null
  if (interval === null) return
  line.style[side] = width(interval[0])
  line.style.width = width(interval[1] - interval[0])
}

/**
 * @param {Target} target
 * @param {string} arrow
 */
function spoken(target, arrow) {
  const way = arrow === '↑' ? ' from below' : arrow === '↓' ? ' from above' : ''
  return `${target.level_kind_name} ${dollars(target.level_price)}${way}, ${WORDS[target.viewport_state]}, break ${percent(target.p_break)}, bounce ${percent(target.p_bounce)}`
}

/**
 * Arrow keys, Home and End move between targets.
 *
 * @param {HTMLElement} list
 * @param {KeyboardEvent} event
 */
function moveFocus(list, event) {
  const buttons = [...list.querySelectorAll('button')]
  const at = buttons.findIndex((button) => button === document.activeElement)
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key]
  const next = to === undefined ? undefined : buttons[to]
  if (next === undefined) return
  event.preventDefault()
  next.focus()
  next.click()
}
