import type { Thresholds } from '@breakwater/features/vocabulary'
import type { PublishedTarget } from '../../session/payload.ts'
import type { TouchRecord, TouchSummary } from '../../session/touches.ts'
import { fanBands } from '../charts/fan.ts'
import { priceChart } from '../charts/price-chart.ts'
import { fanText, levelAnd } from '../charts/said.ts'
import { byId, element, say } from '../dom.ts'
import { dollars, minuteOfDay, signed, timeOfDay } from '../format.ts'
import { fanInputOf, figuresOf, reachRows } from './forecast-view.ts'
import { readTouch } from './session-client.ts'
import type { Actions, LiveState, Section, SessionSoFar } from './state.ts'

const MS_PER_MINUTE = 60_000
/** Minutes of bars before the touch, and after it: the confirmation and the window of the labels. */
const [BEFORE, AFTER] = [15, 20]

/** One touch of the past with its bars, what was forecast, and what became of it. */
export function pastTouch({ chooseTouch, redraw }: Actions): Section {
  const section = byId('past-touch')
  const chart = priceChart(byId('past-touch-chart'))
  byId('past-touch-close').addEventListener('click', () => chooseTouch(null))
  let record: TouchRecord | null = null
  let [read, drawn] = ['', '']
  const readAgain = async (id: string, version: string): Promise<void> => {
    read = version
    try {
      const found = await readTouch(id)
      if (read !== version) return
      record = found
      redraw()
    } catch {
      read = ''
    }
  }
  const show = ({ session, chosenTouch }: LiveState): void => {
    const summary = chosenTouch === null ? undefined : session.touches.get(chosenTouch)
    section.hidden = summary === undefined
    if (summary === undefined) return
    if (record?.id !== summary.id) record = null
    // Its state and outcome may still change: what is shown is read again then.
    const version = `${summary.id} ${summary.state} ${String(summary.result?.outcome)}`
    if (version !== read) void readAgain(summary.id, version)
    const key = `${version} ${record === null} ${session.bars.length}`
    if (key === drawn) return
    drawn = key
    showSummary(summary)
    showForecast(record, session.thresholds)
    drawChart(chart, summary, record, session)
  }
  return { show }
}

function showSummary(summary: TouchSummary): void {
  const { kind, price, direction, touchedAt, confirmAt, result } = summary
  const way = direction === 'UP' ? ' from below' : direction === 'DOWN' ? ' from above' : ''
  say(byId('past-touch-title'), `${kind} ${dollars(price)}, touched${way} at ${timeOfDay(touchedAt)}`)
  const window = confirmAt === null ? 'The label window' : `The label window, which began at ${minuteOfDay(confirmAt)},`
  say(
    byId('past-touch-outcome'),
    result === null
      ? `${window} has not ended: the outcome is open.`
      : `Outcome: ${OUTCOMES_SAID[result.outcome]}. In the label window, price was between ${signed(result.furthestBack)} and ${signed(result.furthestBeyond)} beyond the level.`,
  )
}

const OUTCOMES_SAID = {
  BREAK: 'break',
  BOUNCE: 'bounce',
  CHOP: 'neither side was reached',
  UNDEFINED: 'undefined, both sides were reached in the same minute',
} as const

function showForecast(record: TouchRecord | null, thresholds: Thresholds): void {
  const forecast = record?.atConfirmation ?? record?.atTouch ?? null
  byId('past-touch-figures').replaceChildren(...(forecast === null ? [] : figuresOf(forecast, thresholds)))
  byId('past-touch-reach').replaceChildren(...(forecast === null ? [] : reachRows(forecast, thresholds)))
  const at = record === null ? null : (record.atConfirmationTs ?? record.atTouchTs)
  const when = record?.atConfirmation == null ? 'first published after the touch' : 'published at the confirmation'
  say(byId('past-touch-about'), at === null ? 'Loading the forecast.' : `The forecast ${when}, at ${timeOfDay(at)}:`)
}

function drawChart(
  chart: ReturnType<typeof priceChart>,
  { touchedAt, price, kind, id, result }: TouchSummary,
  record: TouchRecord | null,
  { bars, thresholds }: SessionSoFar,
): void {
  const minute = Math.floor(touchedAt / MS_PER_MINUTE)
  const around = bars.filter((bar) => bar.minute >= minute - BEFORE && bar.minute <= minute + AFTER)
  chart.setBars(around, minute + AFTER)
  chart.view(minute - BEFORE, minute + AFTER)
  chart.setLevels(levelAnd(price, kind, thresholds))
  const tone =
    result === null ? 'open' : result.outcome === 'BREAK' ? 'break' : result.outcome === 'BOUNCE' ? 'bounce' : 'neither'
  chart.setTouches(around.length === 0 ? [] : [{ id, minute, price, tone, chosen: false }])
  const fan = record === null ? null : fanOf(record, thresholds)
  chart.setFan(fan)
  const text = fan === null ? '' : fanText(fan.bands, price, fan.sign)
  byId('past-touch-fan-text').replaceChildren(element('span', { text }))
}

function fanOf(record: TouchRecord, thresholds: Thresholds): Parameters<ReturnType<typeof priceChart>['setFan']>[0] {
  const forecast: PublishedTarget = record.atConfirmation ?? record.atTouch
  const input = fanInputOf(forecast, thresholds)
  if (input === null) return null
  const startMs = record.atConfirmationTs ?? record.atTouchTs
  return { bands: fanBands(input), level: record.price, sign: input.sign, startMs }
}
