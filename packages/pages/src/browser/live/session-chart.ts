import { byId, say } from '../dom.ts'
import { minuteOfDay, signed } from '../format.ts'
import { type ChartTouch, priceChart } from '../charts/price-chart.ts'
import type { TouchSummary } from '../../session/touches.ts'
import { type Actions, type LiveState, type Section, shownTarget, STATE_WORDS, targetsOf } from './state.ts'
import { formingBar } from './forming-bar.ts'

const MS_PER_MINUTE = 60_000
/** Levels that are no target are drawn where they are within this of the price, dollars. */
const DRAWN_WITHIN = 2.5
/** Minutes shown until a person scrolls, and room to the right. */
const [SHOWN_MINUTES, ROOM_MINUTES] = [120, 5]

/** The prices of the session with level lines and touches. A click, or the arrow keys, choose a touch. */
export function sessionChart({ chooseTouch }: Actions): Section {
  const host = byId('session-chart')
  const chart = priceChart(host, { onTouch: chooseTouch })
  const forming = formingBar()
  let [bars, touches, chosen]: [unknown, unknown, string | null] = [null, null, null]
  let latest: LiveState | null = null
  let isPlaced = false
  host.addEventListener('keydown', (event) => {
    if (latest !== null) stepTouch(event, latest, chooseTouch)
  })
  return {
    show(state) {
      latest = state
      const { session, payload } = state
      if (payload === null) return
      if (bars !== session.bars) {
        bars = session.bars
        chart.setBars(session.bars)
        const last = session.bars.at(-1)
        if (last !== undefined && !isPlaced) {
          isPlaced = true
          chart.view(last.minute - SHOWN_MINUTES, last.minute + ROOM_MINUTES)
        }
      }
      const bar = forming(payload, session.bars)
      if (bar !== null) chart.updateBar(bar)
      chart.setLevels(levelLines(state))
      if (touches !== session.touches || chosen !== state.chosenTouch) {
        ;[touches, chosen] = [session.touches, state.chosenTouch]
        chart.setTouches([...session.touches.values()].map((touch) => markOf(touch, chosen)))
      }
      say(byId('session-chart-text'), described(state))
    },
  }
}

function levelLines(state: LiveState): Parameters<ReturnType<typeof priceChart>['setLevels']>[0] {
  const targets = targetsOf(state)
  const shown = shownTarget(state)
  const taken = new Set(targets.map(({ level_id: id }) => id))
  const spot = state.payload?.spy.spot ?? 0
  const others = (state.payload?.levels ?? []).filter(
    ({ id, price }) => !taken.has(id) && Math.abs(price - spot) <= DRAWN_WITHIN,
  )
  return [
    ...targets.map((target) => ({
      price: target.level_price,
      title: `${target.level_kind_name}, ${STATE_WORDS[target.viewport_state]}`,
      style: target === shown ? ('chosen' as const) : ('plain' as const),
    })),
    ...others.map(({ price }) => ({ price, title: '', style: 'faint' as const })),
  ]
}

const TONES = { BREAK: 'break', BOUNCE: 'bounce', CHOP: 'neither', UNDEFINED: 'neither' } as const

function markOf({ id, touchedAt, price, result }: TouchSummary, chosen: string | null): ChartTouch {
  const tone = result === null ? 'open' : TONES[result.outcome]
  return { id, minute: Math.floor(touchedAt / MS_PER_MINUTE), price, tone, chosen: id === chosen }
}

function described(state: LiveState): string {
  const { session, payload } = state
  const first = session.bars[0]
  if (first === undefined || payload === null) return 'No bar has arrived yet.'
  const high = Math.max(...session.bars.map((bar) => bar.high))
  const low = Math.min(...session.bars.map((bar) => bar.low))
  const moved = signed(payload.spy.spot - first.open)
  const near = targetsOf(state)
    .filter(({ viewport_state: at }) => at !== 'FAR')
    .map((target) => `${target.level_kind_name} ${target.level_price.toFixed(2)} ${STATE_WORDS[target.viewport_state]}`)
  const standing = near.length === 0 ? '' : ` Levels: ${near.join(', ')}.`
  return `${session.bars.length} bars since ${minuteOfDay(first.minute * MS_PER_MINUTE)} New York, ${low.toFixed(2)} to ${high.toFixed(2)}, ${moved} since the first; ${session.touches.size} touches.${standing}`
}

/** Left and right walk through the touches in time order. */
function stepTouch(event: KeyboardEvent, { session, chosenTouch }: LiveState, choose: (id: string) => void): void {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
  if (step === undefined) return
  const ids = [...session.touches.values()].toSorted((a, b) => a.touchedAt - b.touchedAt).map(({ id }) => id)
  const at = ids.indexOf(chosenTouch ?? '')
  const next = at < 0 ? (step < 0 ? ids.at(-1) : ids[0]) : ids[at + step]
  if (next === undefined) return
  event.preventDefault()
  choose(next)
}
