import type { PublishedTarget } from '../../session/payload.ts'
import { fanBands, FAN_PROBABILITIES } from '../charts/fan.ts'
import { type ChartBar, priceChart } from '../charts/price-chart.ts'
import { fanText, levelAnd } from '../charts/said.ts'
import { probabilityChart, type ProbabilitySample } from '../charts/probability-chart.ts'
import { byId, say } from '../dom.ts'
import { percent } from '../format.ts'
import { fanRemark } from './about.ts'
import { fanInputOf } from './forecast-view.ts'
import { formingBar } from './forming-bar.ts'
import { readProbabilities } from './session-client.ts'
import { type LiveState, type Section, shownTarget } from './state.ts'

const MS_PER_MINUTE = 60_000
/** Minutes of bars before now. */
const PAST_MINUTES = 15

/** For the shown target: the fan of where price may go from now, and the history of its probabilities. */
export function outlookSection(): Section {
  const showFan = fanChart()
  const showHistory = historyChart()
  return {
    show(state) {
      const target = shownTarget(state)
      byId('outlook').hidden = target === undefined
      if (target === undefined) return
      showFan(state, target)
      showHistory(state, target)
    },
  }
}

function fanChart(): (state: LiveState, target: PublishedTarget) => void {
  const chart = priceChart(byId('fan-chart'))
  const forming = formingBar()
  let shown = ''
  return ({ payload, session }, target) => {
    if (payload === null) return
    const { thresholds } = session
    const input = fanInputOf(target, thresholds)
    const ahead = Math.ceil((input?.horizons.at(-1) ?? 0) / 60)
    const minute = Math.floor(payload.ts / MS_PER_MINUTE)
    const bar = forming(payload, session.bars)
    // A new minute moves the window; within a minute the last bar alone changes.
    const key = `${minute} ${session.bars.length} ${ahead}`
    if (key === shown && bar !== null) chart.updateBar(bar)
    else {
      shown = key
      chart.setBars(recent([...session.bars, ...(bar === null ? [] : [bar])], minute), minute + ahead)
      chart.view(minute - PAST_MINUTES, minute + ahead)
    }
    chart.setLevels(levelAnd(target.level_price, target.level_kind_name, thresholds))
    const bands = input === null ? [] : fanBands(input)
    chart.setFan(input === null ? null : { bands, level: target.level_price, sign: input.sign, startMs: payload.ts })
    say(byId('fan-text'), `${fanText(bands, target.level_price, input?.sign ?? 1)}${fanRemark(target)}`)
  }
}

const recent = (bars: readonly ChartBar[], minute: number): ChartBar[] =>
  bars.filter((bar) => bar.minute >= minute - PAST_MINUTES)

/** What the shades of a fan mean. */
export const FAN_LEGEND: string = `Shades: price goes at least so far with ${FAN_PROBABILITIES.map(percent).join(', ')} probability, from light to dark.`

function historyChart(): (state: LiveState, target: PublishedTarget) => void {
  const chart = probabilityChart(byId('history-chart'), [
    { title: 'tradeable', colour: 'tradeable' },
    { title: 'break', colour: 'break' },
    { title: 'bounce', colour: 'bounce' },
  ])
  let levelId: string | null = null
  let isReading = false
  const readFor = async (wanted: string): Promise<void> => {
    ;[levelId, isReading] = [wanted, true]
    try {
      const points = await readProbabilities(wanted)
      if (levelId !== wanted) return
      isReading = false
      chart.setSamples(
        points.map(({ ts, tradeable, breaks, bounces }) => ({ ts, values: [tradeable, breaks, bounces] })),
      )
    } catch {
      // Asked for again with the next payload.
      if (levelId === wanted) levelId = null
    }
  }
  return ({ payload }, target) => {
    if (payload === null) return
    if (target.level_id !== levelId) void readFor(target.level_id)
    else if (!isReading) chart.add(sampleOf(payload.ts, target))
  }
}

const sampleOf = (ts: number, target: PublishedTarget): ProbabilitySample => ({
  ts,
  values: [target.p_tradeable_2, target.p_break, target.p_bounce],
})
