import type { BinaryCalibration } from '@breakwater/evaluation'
import type { Chart } from './chart.ts'
import { percent } from '../html/format.ts'
import { type AxisRange, axesOverStrip, diagonal, wholeTicks } from './reliability-axes.ts'

/** How a way to forecast is drawn: a colour by its name in the style sheet, and a stroke. */
interface Stroke {
  readonly name: string
  readonly type: 'solid' | readonly number[]
}

const STROKES: readonly [Stroke, ...Stroke[]] = [
  { name: 'muted', type: 'solid' },
  { name: 'accent', type: 'solid' },
  { name: 'validation', type: [6, 3] },
  { name: 'calibration', type: [8, 2, 2, 2] },
  { name: 'test', type: [2, 2] },
]

const strokeAt = (place: number): Stroke => STROKES[place % STROKES.length] ?? STROKES[0]

/** The colour of the way at this place among the columns, as CSS writes it. */
export const colourOf = (place: number): string => `var(--${strokeAt(place).name})`

/** One forecast in the chart. */
export interface ForecastCurve {
  readonly title: string
  /** Its place among all columns: the same way looks the same in every chart. */
  readonly place: number
  readonly scores: BinaryCalibration
}

/**
 * Smooth curves of several forecasts of the same rows, over a strip that shows which share of the rows each gives
 * which forecast: how sharp they are. The dashed line is the diagonal.
 */
export function compareChart(id: string, title: string, ways: readonly ForecastCurve[]): Chart {
  const range = rangeOf(ways)
  const shares = ways.map(({ scores: { sharpness } }) => sharesOf(sharpness.counts))
  const most = Math.max(...shares.flat())
  return {
    id,
    width: 300,
    height: 342,
    label: `Calibration of ${title}: ${ways.map((way) => describe(way)).join('; ')}.`,
    option: {
      ...axesOverStrip(range, { name: 'Rows, %', most, height: 44, format: (value) => percent(value, 0) }),
      series: [
        diagonal(range),
        ...ways.map((way) => curveOf(way, range)),
        ...ways.map(({ place }, i) => stepsOf(shares[i] ?? [], place)),
      ],
    },
  }
}

const describe = ({ title, scores }: ForecastCurve): string =>
  `${title}, mean forecast ${percent(scores.mean_prediction, 0)}, smooth calibration error ${percent(scores.smooth_ece.estimate)}`

/** The ticks that hold what most rows were forecast, and what was observed there. */
function rangeOf(ways: readonly ForecastCurve[]): AxisRange {
  const values = ways.flatMap(({ scores: { curve, smooth } }) => [
    ...curve.bins.flatMap(({ meanPrediction, observedRate }) => [meanPrediction, observedRate]),
    ...smooth.points
      .filter(({ low }) => low !== null)
      .flatMap(({ prediction, observedRate }) => [prediction, observedRate]),
  ])
  return wholeTicks(values.filter((value) => value !== null))
}

function strokeOf(place: number): { color: string; type: 'solid' | number[]; width: number } {
  const { type } = strokeAt(place)
  return { color: colourOf(place), type: type === 'solid' ? type : [...type], width: 1.75 }
}

function curveOf({ scores, place }: ForecastCurve, { from, to }: AxisRange): Record<string, unknown> {
  const shown = scores.smooth.points.flatMap(({ prediction, observedRate, low }) =>
    observedRate === null || low === null ? [] : [[prediction, observedRate]],
  )
  const inside = ([x = 0, y = 0]: readonly number[]): boolean => x >= from && x <= to && y >= from && y <= to
  return {
    type: 'line',
    silent: true,
    symbol: 'none',
    lineStyle: strokeOf(place),
    data: shown.filter((point) => inside(point)),
  }
}

function sharesOf(counts: readonly number[]): number[] {
  const rows = counts.reduce((sum, count) => sum + count, 0)
  return counts.map((count) => count / rows)
}

/** The histogram as a line of steps. */
function stepsOf(shares: readonly number[], place: number): Record<string, unknown> {
  const width = 1 / shares.length
  return {
    type: 'line',
    silent: true,
    symbol: 'none',
    clip: true,
    xAxisIndex: 1,
    yAxisIndex: 1,
    lineStyle: strokeOf(place),
    data: shares.flatMap((share, cell) => [
      [cell * width, share],
      [(cell + 1) * width, share],
    ]),
  }
}
