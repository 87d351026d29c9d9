import { axis, COLOURS } from './chart.ts'
import { percent } from '../html/format.ts'

/** Ends of an axis of rates and the distance of its ticks. */
export interface AxisRange {
  readonly from: number
  readonly to: number
  readonly tick: number
}

/** Whole ticks from a tenth of a percent to 20 percent, at most six of them, that hold every value. */
export function wholeTicks(values: readonly number[]): AxisRange {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const tick =
    [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1].find(
      (step) => Math.ceil(most / step) - Math.floor(least / step) <= 6,
    ) ?? 0.2
  const [from, to] = [Math.floor(least / tick) * tick, Math.ceil(most / tick) * tick]
  return { from, to: to > from ? to : from + tick, tick }
}

/** The dashed line on which forecasts can be taken at their word. */
export function diagonal({ from, to }: AxisRange): Record<string, unknown> {
  return {
    type: 'line',
    silent: true,
    symbol: 'none',
    lineStyle: { color: COLOURS.muted, type: [4, 4], width: 1 },
    data: [
      [from, from],
      [to, to],
    ],
  }
}

/** What the strip below the plot counts, up to `most`, in how many pixels of height, and how its numbers are written. */
interface Strip {
  readonly name: string
  readonly most: number
  readonly height: number
  readonly format: (value: number) => string
}

const PLOT = { left: 52, right: 12, top: 8, height: 228, outerBoundsMode: 'none' }
const STRIP_TOP = 256

/** Observed rate against forecast, both axes over one range, above a strip on the same forecasts. */
export function axesOverStrip({ from, to, tick }: AxisRange, strip: Strip): Record<string, unknown> {
  const digits = tick < 0.01 ? 1 : 0
  const label = { color: COLOURS.muted, fontSize: 11, formatter: (value: number): string => percent(value, digits) }
  const ends = { type: 'value', min: from, max: to, interval: tick }
  const { name, most, height, format } = strip
  return {
    grid: [PLOT, { ...PLOT, top: STRIP_TOP, height }],
    xAxis: [
      { ...axis('', ends), axisLabel: { show: false } },
      {
        ...axis('Forecast probability, %', { ...ends, gridIndex: 1, nameGap: 26, axisLabel: label }),
        splitLine: { show: false },
      },
    ],
    yAxis: [
      axis('Observed rate, %', { ...ends, nameGap: 36, axisLabel: label }),
      {
        ...axis(name, { type: 'value', gridIndex: 1, nameGap: 36, min: 0, max: most, interval: most }),
        axisLabel: { color: COLOURS.muted, fontSize: 11, showMinLabel: false, formatter: format },
        splitLine: { show: false },
      },
    ],
  }
}
