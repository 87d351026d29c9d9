import type { CustomSeriesRenderItem } from 'echarts'
import { axis, type Chart, COLOURS } from './chart.ts'
import type { Curve, CurveBin } from './evaluation.ts'
import { percent, whole } from './format.ts'

const WIDTH = 300
const HEIGHT = 326
const PLOT = { left: 52, right: 12, top: 8, height: 228, outerBoundsMode: 'none' }
const STRIP = { ...PLOT, top: 256, height: 28 }

/** A bin that holds rows. */
type FilledBin = CurveBin & {
  readonly meanPrediction: number
  readonly observedRate: number
  readonly low: number
  readonly high: number
}

const isFilled = (bin: CurveBin): bin is FilledBin => bin.count > 0

/**
 * Observed rate against forecast, with Wilson whiskers, over a strip that counts rows by forecast. Both axes span the
 * same range, whole ticks that hold every point and whisker, so the dashed line is the diagonal.
 */
export function reliabilityChart(id: string, title: string, quantile: Curve, width: Curve): Chart {
  const points = quantile.bins.filter(isFilled)
  const { from, to, tick } = axisRange(points)
  const counted = width.bins.filter(({ count }) => count > 0)
  const most = Math.max(...counted.map(({ count }) => count))
  const label = { color: COLOURS.muted, fontSize: 11, formatter: (value: number): string => percent(value, 0) }
  const range = { type: 'value', min: from, max: to, interval: tick }
  return {
    id,
    width: WIDTH,
    height: HEIGHT,
    label: describe(title, points),
    option: {
      grid: [PLOT, STRIP],
      xAxis: [
        { ...axis('', range), axisLabel: { show: false } },
        {
          ...axis('Forecast probability, %', { ...range, gridIndex: 1, nameGap: 26, axisLabel: label }),
          splitLine: { show: false },
        },
      ],
      yAxis: [
        axis('Observed rate, %', { ...range, nameGap: 36, axisLabel: label }),
        {
          ...axis('Rows', { type: 'value', gridIndex: 1, nameGap: 36, min: 0, max: most, interval: most }),
          axisLabel: { color: COLOURS.muted, fontSize: 11, showMinLabel: false, formatter: whole },
          splitLine: { show: false },
        },
      ],
      series: [
        ...curveSeries(points, from, to),
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

function curveSeries(points: readonly FilledBin[], from: number, to: number): Record<string, unknown>[] {
  const line = { type: 'line', silent: true }
  const most = Math.max(...points.map(({ count }) => count))
  return [
    {
      ...line,
      symbol: 'none',
      lineStyle: { color: COLOURS.muted, type: [4, 4], width: 1 },
      data: [
        [from, from],
        [to, to],
      ],
    },
    {
      type: 'custom',
      silent: true,
      renderItem: whisker,
      data: points.map(({ meanPrediction, low, high }) => [meanPrediction, low, high]),
    },
    {
      ...line,
      symbol: 'circle',
      symbolSize: (_point: unknown, { dataIndex }: { dataIndex: number }): number =>
        3 + 5 * Math.sqrt((points[dataIndex]?.count ?? 0) / most),
      lineStyle: { color: COLOURS.accent, width: 1.5 },
      itemStyle: { color: COLOURS.accent, borderWidth: 0 },
      data: points.map(({ meanPrediction, observedRate }) => [meanPrediction, observedRate]),
    },
  ]
}

/** Whole ticks of 2, 5, 10 or 20 percent, at most six of them, that hold every point and whisker. */
function axisRange(points: readonly FilledBin[]): { from: number; to: number; tick: number } {
  const values = points.flatMap(({ meanPrediction, low, high }) => [meanPrediction, low, high])
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const tick = [0.02, 0.05, 0.1].find((step) => Math.ceil(most / step) - Math.floor(least / step) <= 6) ?? 0.2
  return { from: Math.floor(least / tick) * tick, to: Math.ceil(most / tick) * tick, tick }
}

function describe(title: string, points: readonly FilledBin[]): string {
  const pairs = points.map((bin) => `${percent(bin.meanPrediction, 0)} forecast, ${percent(bin.observedRate, 0)} seen`)
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
