import { createChart, type ISeriesApi, LineSeries, LineType, type UTCTimestamp } from 'lightweight-charts'
import { percent } from '../format.ts'
import { chartOptions, onThemeChange, readTheme, type Theme } from './theme.ts'

/** Probabilities at one time, by the name of their line; null leaves a gap. */
export interface ProbabilitySample {
  /** Milliseconds since 1970. */
  readonly ts: number
  readonly values: readonly (number | null)[]
}

/** A line of a chart of probabilities. */
export interface ProbabilityLine {
  readonly title: string
  readonly colour: keyof Theme
}

/** Lines of probabilities over time, on a scale from 0 to 100%. */
export interface ProbabilityChart {
  readonly setSamples: (samples: readonly ProbabilitySample[]) => void
  readonly add: (sample: ProbabilitySample) => void
}

/** Samples are drawn on a grid of this many milliseconds, as the server keeps them. */
const GRID_MS = 5000
const STEP_S = GRID_MS / 1000
/** Points that are shown until a person scrolls: half an hour. */
const SHOWN_POINTS = 1800 / STEP_S

/** Draws a chart of probabilities into an element, which gives it its size. */
export function probabilityChart(host: HTMLElement, lines: readonly ProbabilityLine[]): ProbabilityChart {
  const theme = readTheme()
  const chart = createChart(host, optionsOf(theme))
  const series = lines.map((line) => chart.addSeries(LineSeries, lineOptions(line, theme)))
  onThemeChange((next) => {
    chart.applyOptions(optionsOf(next))
    for (const [i, line] of lines.entries()) series[i]?.applyOptions({ color: next[line.colour] })
  })
  let last = -Infinity
  return {
    setSamples(samples) {
      const byTime = new Map(samples.map((sample) => [timeOf(sample.ts), sample]))
      const first = samples[0]
      last = timeOf(samples.at(-1)?.ts ?? -Infinity)
      // The chart spaces points evenly: times without a sample are filled, so that time is a straight line.
      const times = first === undefined ? [] : rising(timeOf(first.ts), last)
      for (const [i, one] of series.entries()) {
        one.setData(
          times.map((time) => {
            const sample = byTime.get(time)
            if (sample === undefined) return { time: time as UTCTimestamp }
            // A line is drawn across empty times unless the point before them has no colour.
            return byTime.has(time + STEP_S) || time === last
              ? at(sample, i)
              : { ...at(sample, i), color: 'transparent' }
          }),
        )
      }
      chart.timeScale().setVisibleLogicalRange({ from: times.length - SHOWN_POINTS, to: times.length })
    },
    add(sample) {
      const time = timeOf(sample.ts)
      if (time < last) return
      for (const skipped of rising(last + STEP_S, time - STEP_S)) {
        for (const one of series) one.update({ time: skipped as UTCTimestamp })
      }
      last = time
      for (const [i, one] of series.entries()) one.update(at(sample, i))
    },
  }
}

const timeOf = (ts: number): number => Math.floor(ts / GRID_MS) * STEP_S

const at = ({ ts, values }: ProbabilitySample, i: number): Parameters<ISeriesApi<'Line'>['update']>[0] => {
  const time = timeOf(ts) as UTCTimestamp
  const value = values[i] ?? null
  return value === null ? { time } : { time, value }
}

/** Times on the grid from one to another, both included; a gap of more than a day is left out. */
function rising(from: number, to: number): number[] {
  const count = Math.floor((to - from) / STEP_S) + 1
  return count > 0 && count <= 86_400 / STEP_S ? Array.from({ length: count }, (_, i) => from + i * STEP_S) : []
}

const optionsOf = (theme: Theme): ReturnType<typeof chartOptions> => {
  const shared = chartOptions(theme)
  return { ...shared, timeScale: { ...shared.timeScale, fixLeftEdge: true, fixRightEdge: true } }
}

const lineOptions = ({ title, colour }: ProbabilityLine, theme: Theme) => ({
  color: theme[colour],
  title,
  lineWidth: 2 as const,
  lineType: LineType.WithSteps,
  priceLineVisible: false,
  priceFormat: { type: 'custom' as const, formatter: percent, minMove: 0.01 },
  autoscaleInfoProvider: () => ({ priceRange: { minValue: 0, maxValue: 1 } }),
})
