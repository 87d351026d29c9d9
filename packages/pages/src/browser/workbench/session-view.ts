import type { SessionData } from '../../workbench/data.ts'
import { type ChartBar, type ChartTouch, priceChart } from '../charts/price-chart.ts'
import { byId, element, headings, row, say } from '../dom.ts'
import { dollars, minuteOfDay, percent } from '../format.ts'
import {
  directionOf,
  type Touch,
  touchesOf,
  tradeableOf,
  type WorkbenchActions,
  type WorkbenchSection,
  type WorkbenchState,
} from './state.ts'

const MS_PER_MINUTE = 60_000

/** The bars of a session as a chart takes them. */
export function chartBars({ bars }: SessionData): ChartBar[] {
  return bars.minute.map((minute, i) => ({
    minute,
    open: bars.open[i] ?? 0,
    high: bars.high[i] ?? 0,
    low: bars.low[i] ?? 0,
    close: bars.close[i] ?? 0,
  }))
}

const TONES = { BREAK: 'break', BOUNCE: 'bounce', CHOP: 'neither', UNDEFINED: 'open' } as const

/** How a touch is marked: a tone, and how strongly it is coloured, in [0, 1]. */
export function markOf(touch: Touch, colouring: WorkbenchState['colouring']): Pick<ChartTouch, 'tone' | 'strength'> {
  if (colouring === 'outcome') return { tone: TONES[touch.outcome], strength: 1 }
  const p = colouring === 'direction' ? directionOf(touch) : tradeableOf(touch)
  if (p === null) return { tone: 'neither', strength: 0.25 }
  if (colouring === 'tradeable') return { tone: 'tradeable', strength: 0.15 + 0.85 * p }
  return { tone: p >= 0.5 ? 'break' : 'bounce', strength: 0.2 + 0.8 * Math.abs(2 * p - 1) }
}

/** The prices of the chosen session with its touches, and the touches as a table. */
export function sessionView({ change }: WorkbenchActions): WorkbenchSection {
  const host = byId('session-chart')
  const chart = priceChart(host, { onTouch: (id) => change({ touch: id === null ? null : Number(id) }) })
  const table = touchTable(({ place }) => change({ touch: place }))
  let latest: WorkbenchState | null = null
  let [drawn, marked]: [SessionData | null, string] = [null, '']
  host.addEventListener('keydown', (event) => {
    if (latest !== null) step(event, latest, (touch) => change({ touch }))
  })
  return {
    show(state) {
      latest = state
      const { session, index } = state
      byId('session').hidden = session === null
      if (session === null) return
      const touches = touchesOf(state)
      say(byId('session-title'), `${index.symbol}, ${session.date}`)
      if (drawn !== session) {
        chart.setBars(chartBars(session))
        chart.view(...session.regular)
      }
      const key = `${state.touch} ${state.set} ${state.anchor} ${state.colouring}`
      if (drawn === session && marked === key) return
      ;[drawn, marked] = [session, key]
      chart.setTouches(
        touches.map((touch) => ({
          id: String(touch.place),
          minute: touch.minute,
          price: touch.price,
          chosen: touch.place === state.touch,
          ...markOf(touch, state.colouring),
        })),
      )
      const chosen = touches.find(({ place }) => place === state.touch)
      chart.setLevels(chosen === undefined ? [] : [{ price: chosen.price, title: chosen.kind, style: 'chosen' }])
      say(byId('session-text'), described(session, touches))
      table(touches, state.touch)
    },
  }
}

function described({ bars }: SessionData, touches: readonly Touch[]): string {
  const count = (outcome: string): number => touches.filter((touch) => touch.outcome === outcome).length
  if (bars.minute.length === 0) return 'The bars of this session are missing.'
  return `${bars.minute.length} bars, ${Math.min(...bars.low).toFixed(2)} to ${Math.max(...bars.high).toFixed(2)}; ${touches.length} touches: ${count('BREAK')} broke, ${count('BOUNCE')} bounced.`
}

function touchTable(choose: (touch: Touch) => void): (touches: readonly Touch[], chosen: number | null) => void {
  const table = byId('touches')
  return (touches, chosen) => {
    const focused = document.activeElement?.getAttribute('data-touch')
    const rows = touches.map((touch) => touchRow(touch, touch.place === chosen, choose))
    table.replaceChildren(headings(['touched', 'level', 'tradeable', 'break if tradeable', 'outcome']), ...rows)
    const again = [...table.querySelectorAll('button')].find((one) => one.getAttribute('data-touch') === focused)
    if (focused !== null && focused !== undefined) again?.focus()
  }
}

function touchRow(touch: Touch, isChosen: boolean, choose: (touch: Touch) => void): HTMLElement {
  const button = element('button', {
    class: 'link',
    text: minuteOfDay(touch.minute * MS_PER_MINUTE),
    attributes: { type: 'button', 'data-touch': String(touch.place), 'aria-pressed': String(isChosen) },
  })
  button.addEventListener('click', () => choose(touch))
  const level = `${touch.direction === 'UP' ? '↑' : '↓'} ${touch.kind} ${dollars(touch.price)}`
  return row([button, level, percent(tradeableOf(touch)), percent(directionOf(touch)), touch.outcome.toLowerCase()])
}

/** Left and right walk through the touches. */
function step(event: KeyboardEvent, { session, touch }: WorkbenchState, choose: (place: number) => void): void {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
  const count = session?.touches.id.length ?? 0
  if (by === undefined || count === 0) return
  event.preventDefault()
  choose(Math.min(count - 1, Math.max(0, touch === null ? (by > 0 ? 0 : count - 1) : touch + by)))
}
