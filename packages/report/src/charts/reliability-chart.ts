import type { Curve, CurveBin, SmoothCurve } from '@breakwater/evaluation'
import type { CustomSeriesRenderItem } from 'echarts'
import { type Chart, COLOURS } from './chart.ts'
import { percent, whole } from '../html/format.ts'
import { type AxisRange, axesOverStrip, diagonal, wholeTicks } from './reliability-axes.ts'

const WIDTH = 300
const HEIGHT = 326

/** A bin that holds rows. */
type FilledBin = CurveBin & {
  readonly meanPrediction: number
  readonly observedRate: number
  readonly low: number
  readonly high: number
}

const isFilled = (bin: CurveBin): bin is FilledBin => bin.count > 0

/** What a reliability chart shows: points of bins, the smooth curve through them, and rows by forecast. */
export interface Reliability {
  readonly points: Curve
  readonly smooth: SmoothCurve
  readonly counts: readonly Pick<CurveBin, 'lower' | 'upper' | 'count'>[]
}

/**
 * Observed rate against forecast, with Wilson whiskers, and the smooth curve with its band, over a strip that counts rows
 * by forecast. Both axes span the same range, whole ticks that hold every point, so the dashed line is the diagonal; whiskers,
 * the curve and its band are cut there, so that one wide whisker does not press rare events into a corner.
 */
export function reliabilityChart(id: string, title: string, { points: curve, smooth, counts }: Reliability): Chart {
  const points = curve.bins.filter(isFilled)
  const range = wholeTicks(points.flatMap(({ meanPrediction, observedRate }) => [meanPrediction, observedRate]))
  const counted = counts.filter(({ count }) => count > 0)
  const most = Math.max(...counted.map(({ count }) => count))
  return {
    id,
    width: WIDTH,
    height: HEIGHT,
    label: describe(title, points),
    option: {
      ...axesOverStrip(range, { name: 'Rows', most, height: 28, format: whole }),
      series: [
        diagonal(range),
        ...smoothSeries(smooth, range, COLOURS.accent),
        ...pointSeries(points, range),
        {
          type: 'custom',
          silent: true,
          clip: true,
          xAxisIndex: 1,
          yAxisIndex: 1,
          renderItem: countBar,
          data: counted.map(({ lower, upper, count }) => [lower, count, upper]),
        },
      ],
    },
  }
}

/** A smooth curve with its band, cut at the ends of the axes. */
function smoothSeries({ points }: SmoothCurve, { from, to }: AxisRange, colour: string): Record<string, unknown>[] {
  const shown = points.filter(({ prediction }) => prediction >= from && prediction <= to)
  const kept = (value: number): number => Math.min(to, Math.max(from, value))
  const banded = shown.flatMap(({ prediction, low, high }) =>
    low === null || high === null ? [] : [{ x: prediction, low: kept(low), high: kept(high) }],
  )
  const band: CustomSeriesRenderItem = (_params, api) => ({
    type: 'polygon',
    shape: {
      points: [
        ...banded.map(({ x, high }) => api.coord([x, high]) as [number, number]),
        ...banded.toReversed().map(({ x, low }) => api.coord([x, low]) as [number, number]),
      ],
    },
    style: { fill: colour, opacity: 0.14 },
  })
  return [
    { type: 'custom', silent: true, renderItem: band, data: banded.length < 2 ? [] : [[banded[0]?.x, banded[0]?.low]] },
    {
      type: 'line',
      silent: true,
      symbol: 'none',
      lineStyle: { color: colour, width: 1.5 },
      data: shown
        .filter(({ observedRate }) => observedRate !== null && observedRate >= from && observedRate <= to)
        .map(({ prediction, observedRate }) => [prediction, observedRate]),
    },
  ]
}

function pointSeries(points: readonly FilledBin[], { from, to }: AxisRange): Record<string, unknown>[] {
  const most = Math.max(...points.map(({ count }) => count))
  return [
    {
      type: 'custom',
      silent: true,
      renderItem: whisker,
      data: points.map(({ meanPrediction, low, high }) => [meanPrediction, Math.max(from, low), Math.min(to, high)]),
    },
    {
      type: 'line',
      silent: true,
      symbol: 'circle',
      symbolSize: (_point: unknown, { dataIndex }: { dataIndex: number }): number =>
        3 + 5 * Math.sqrt((points[dataIndex]?.count ?? 0) / most),
      lineStyle: { opacity: 0 },
      itemStyle: { color: COLOURS.accent, borderWidth: 0 },
      data: points.map(({ meanPrediction, observedRate }) => [meanPrediction, observedRate]),
    },
  ]
}

function describe(title: string, points: readonly FilledBin[]): string {
  const pairs = points.map(
    (bin) => `${percent(bin.meanPrediction, 0)} forecast, ${percent(bin.observedRate, 0)} observed`,
  )
  return `Reliability of ${title}: ${pairs.join('; ')}.`
}

const whisker: CustomSeriesRenderItem = (_params, api) => {
  const [x = 0, bottom = 0] = api.coord([api.value(0), api.value(1)])
  const [, top = 0] = api.coord([api.value(0), api.value(2)])
  return {
    type: 'line',
    shape: { x1: x, y1: bottom, x2: x, y2: top },
    style: { stroke: COLOURS.accent, lineWidth: 5, opacity: 0.3, lineCap: 'round' },
  }
}

const countBar: CustomSeriesRenderItem = (_params, api) => {
  const [left = 0, top = 0] = api.coord([api.value(0), api.value(1)])
  const [right = 0, bottom = 0] = api.coord([api.value(2), 0])
  return {
    type: 'rect',
    shape: { x: left, y: top, width: Math.max(1, right - left - 1), height: bottom - top },
    style: { fill: COLOURS.muted, opacity: 0.6 },
  }
}
