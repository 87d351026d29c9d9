import { ANCHOR_SECONDS, reachHead, type Thresholds } from '@breakwater/features/vocabulary'
import { fanBands } from '../charts/fan.ts'
import { priceChart } from '../charts/price-chart.ts'
import { fanText, levelAnd } from '../charts/said.ts'
import { byId, element, headings, say } from '../dom.ts'
import { dollars, minuteOfDay, percent, reachNames, signed } from '../format.ts'
import { chartBars, markOf } from './session-view.ts'
import {
  directionOf,
  fanInputOf,
  type Touch,
  touchAt,
  tradeableOf,
  type WorkbenchActions,
  type WorkbenchSection,
} from './state.ts'

const MS_PER_MINUTE = 60_000
/** Minutes of bars before the touch, and after its anchor: the label window is eight of them. */
const [BEFORE, AFTER] = [15, 16]

/** One touch: its bars, the fan from the chosen anchor, what was forecast, and what became of it. */
export function touchView({ change }: WorkbenchActions): WorkbenchSection {
  const section = byId('touch')
  const chart = priceChart(byId('touch-chart'))
  byId('touch-close').addEventListener('click', () => change({ touch: null }))
  let shown = ''
  return {
    show(state) {
      const { index, session, set, anchor } = state
      // While the session of a touch is read, the touch before it stays.
      if (session !== null && state.touch !== null && session.date !== state.date) return
      const touch = state.touch === null ? null : touchAt(state, state.touch)
      section.hidden = touch === null
      if (touch === null || session === null) return
      const key = `${session.date} ${touch.place} ${set} ${anchor}`
      if (key === shown) return
      shown = key
      const input = fanInputOf(touch, index)
      const start = touch.minute + ANCHOR_SECONDS[anchor] / 60
      const bars = chartBars(session).filter(({ minute }) => minute >= touch.minute - BEFORE && minute <= start + AFTER)
      chart.setBars(bars, start + AFTER)
      chart.view(touch.minute - BEFORE, start + AFTER)
      chart.setLevels(levelAnd(touch.price, touch.kind, index.thresholds))
      chart.setTouches([
        { id: '', minute: touch.minute, price: touch.price, chosen: false, ...markOf(touch, 'outcome') },
      ])
      const bands = input === null ? [] : fanBands(input)
      chart.setFan(
        input === null ? null : { bands, level: touch.price, sign: input.sign, startMs: start * MS_PER_MINUTE },
      )
      sayTouch(touch, start)
      say(
        byId('touch-fan-text'),
        input === null ? 'No forecast: these models had seen this session.' : fanText(bands, touch.price, input.sign),
      )
      byId('touch-figures').replaceChildren(...figures(touch, index.thresholds))
      byId('touch-reach').replaceChildren(...(input === null ? [] : reachTable(touch, index)))
    },
  }
}

const SAID = {
  BREAK: 'Outcome: break.',
  BOUNCE: 'Outcome: bounce.',
  CHOP: 'Outcome: neither side was reached.',
  UNDEFINED: 'No outcome: the label window is incomplete, or both sides were reached in one minute.',
} as const

function sayTouch({ kind, price, direction, minute, outcome, most, least }: Touch, start: number): void {
  const way = direction === 'UP' ? 'below' : 'above'
  say(byId('touch-title'), `${kind} ${dollars(price)}, touched from ${way} at ${minuteOfDay(minute * MS_PER_MINUTE)}`)
  const moved =
    most === null || least === null
      ? ''
      : ` From ${minuteOfDay(start * MS_PER_MINUTE)} on, price was between ${signed(least)} and ${signed(most)} beyond the level.`
  say(byId('touch-outcome'), `${SAID[outcome]}${moved}`)
}

function figures(touch: Touch, [, far]: Thresholds): HTMLElement[] {
  const strength = touch.forecast('strength_signed')
  const shown: readonly (readonly [string, string])[] = [
    [`Tradeable ($${far})`, percent(tradeableOf(touch))],
    ['Break if tradeable', percent(directionOf(touch))],
    ['Strength, $', signed(strength)],
    ['Price at the anchor', dollars(touch.spot)],
  ]
  return shown.map(([name, value]) =>
    element('div', { children: [element('dt', { text: name }), element('dd', { text: value })] }),
  )
}

function reachTable(
  touch: Touch,
  { horizons, thresholds }: { horizons: readonly number[]; thresholds: Thresholds },
): HTMLElement[] {
  return [
    headings(['within', ...horizons.map((seconds) => `${seconds} s`)]),
    ...reachNames(thresholds).map(([key, name]) => {
      const cells = horizons.map((seconds) => {
        const share = touch.forecast(reachHead(key, seconds))
        const cell = element('td', { text: percent(share) })
        cell.style.setProperty('--share', String((share ?? 0) / 2))
        return cell
      })
      return element('tr', { children: [element('th', { text: name, attributes: { scope: 'row' } }), ...cells] })
    }),
  ]
}
