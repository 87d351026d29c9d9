import type { IncomingLevel } from '@breakwater/viewport'
import type { PublishedTarget } from '../../session/payload.ts'
import { byId, element, moveFocus, say } from '../dom.ts'
import { dollars, percent } from '../format.ts'
import { type Actions, type Section, shownTarget, STATE_WORDS, targetsOf } from './state.ts'

interface Rung {
  readonly key: string
  readonly price: number
  readonly item: HTMLElement
}

/** Levels without a target farther than this from the price are left out, dollars. */
const SHOWN_WITHIN = 2.5
const HOT: ReadonlySet<string> = new Set(['TOUCH', 'CONFIRMATION'])

/** The ladder: rungs stay the same elements from tick to tick, so that focus and clicks are not lost. */
export function ladderSection({ chooseLevel }: Actions): Section {
  const list = byId('ladder')
  const items = new Map<string, HTMLElement>()
  const spotLine = element('li', { class: 'spot-line' })
  list.addEventListener('keydown', (event) => moveFocus([...list.querySelectorAll('button')], event))
  const targetRung = (target: PublishedTarget, isChosen: boolean): Rung => {
    const key = `target ${target.level_id}`
    const item = items.get(key) ?? newTarget(target.level_id, chooseLevel)
    items.set(key, item)
    fill(item, target, isChosen)
    return { key, price: target.level_price, item }
  }
  const levelRung = ({ id, price, kind }: IncomingLevel): Rung => {
    const key = `level ${id}`
    const item = items.get(key) ?? element('li', { children: [plainLevel()] })
    items.set(key, item)
    say(part(item, 'price'), dollars(price))
    say(part(item, 'kind'), kind)
    return { key, price, item }
  }
  return {
    show(state) {
      if (state.payload === null) return
      const targets = targetsOf(state)
      const shown = shownTarget(state)
      const { spot } = state.payload.spy
      const taken = new Set(targets.map(({ level_id: id }) => id))
      const isNear = ({ id, price }: IncomingLevel): boolean => !taken.has(id) && Math.abs(price - spot) <= SHOWN_WITHIN
      const rungs = [
        ...targets.map((target) => targetRung(target, target === shown)),
        ...state.payload.levels.filter(isNear).map(levelRung),
      ]
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

/** Puts the rungs in order, touching the list only where it differs: moving an element takes its focus. */
function place(list: HTMLElement, rungs: readonly Rung[]): void {
  const focused = document.activeElement
  const wanted = rungs.map(({ item }) => item)
  if (list.children.length === wanted.length && wanted.every((item, i) => list.children[i] === item)) return
  list.replaceChildren(...wanted)
  if (focused instanceof HTMLElement && list.contains(focused)) focused.focus()
}

const span = (name: string): HTMLElement => element('span', { class: name })

function newTarget(id: string, choose: (id: string) => void): HTMLElement {
  const bar = element('span', {
    class: 'bar',
    children: [span('break'), span('bounce'), span('whisker of-break'), span('whisker of-bounce')],
  })
  const odds = element('span', { class: 'odds', children: [span('p-break'), bar, span('p-bounce')] })
  const button = element('button', {
    attributes: { type: 'button' },
    children: [span('price'), span('kind'), span('state'), odds],
  })
  button.addEventListener('click', () => choose(id))
  const item = element('li', { children: [button] })
  item.dataset['id'] = id
  return item
}

const plainLevel = (): HTMLElement => element('span', { class: 'level', children: [span('price'), span('kind')] })

function part(item: HTMLElement, name: string): HTMLElement {
  const found = item.querySelector(`.${name}`)
  if (!(found instanceof HTMLElement)) throw new Error(`page: no .${name} in a rung`)
  return found
}

function fill(item: HTMLElement, target: PublishedTarget, isChosen: boolean): void {
  const { p_break: pBreak, p_bounce: pBounce, viewport_state: state } = target
  const arrow = target.direction === 'UP' ? '↑' : target.direction === 'DOWN' ? '↓' : ''
  say(part(item, 'price'), dollars(target.level_price))
  say(part(item, 'kind'), `${arrow} ${target.level_kind_name}${target.pinned ? ', pinned' : ''}`.trim())
  const word = part(item, 'state')
  say(word, target.error === null ? STATE_WORDS[state] : `${STATE_WORDS[state]}, ${target.error}`)
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

const width = (share: number | null): string => `${(share ?? 0) * 100}%`

function whisker(line: HTMLElement, interval: readonly [number, number] | null, side: 'left' | 'right'): void {
  line.hidden = interval === null
  if (interval === null) return
  line.style[side] = width(interval[0])
  line.style.width = width(interval[1] - interval[0])
}

function spoken(target: PublishedTarget, arrow: string): string {
  const way = arrow === '↑' ? ' from below' : arrow === '↓' ? ' from above' : ''
  return `${target.level_kind_name} ${dollars(target.level_price)}${way}, ${STATE_WORDS[target.viewport_state]}, break ${percent(target.p_break)}, bounce ${percent(target.p_bounce)}`
}
