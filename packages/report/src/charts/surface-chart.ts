import type { PublishedTouch } from '@breakwater/evaluation'
import type { CustomSeriesRenderItem } from 'echarts'
import { fixed, percent } from '../html/format.ts'
import { dollars, type Thresholds } from '../html/names.ts'
import { axis, type Chart, COLOURS } from './chart.ts'

const ROW = 20

/** Room that the text of a cell takes, in pixels. */
const TEXT_WIDTH = 26

/**
 * The surface of one side of a touch as it evolved: a cell for each moment, threshold and horizon, the darker the more probable, above
 * where price stood. A cell without a number is left blank.
 */
export function surfaceChart(
  id: string,
  title: string,
  { touch, side, thresholds, width }: { touch: PublishedTouch; side: string; thresholds: Thresholds; width: number },
): Chart {
  const rows = touch.questions.flatMap((question, place) => (question.side === side ? [{ ...question, place }] : []))
  const { moments } = touch
  const cells = rows.flatMap(({ place }, row) =>
    moments.flatMap(({ probabilities }, column) => {
      const p = probabilities[place] ?? null
      return p === null ? [] : [[column, row, p]]
    }),
  )
  const height = rows.length * ROW
  const minutes = moments.map(({ elapsed_s }) => fixed(elapsed_s / 60, 0))
  const category = {
    type: 'category',
    data: minutes,
    axisLabel: { color: COLOURS.muted, fontSize: 11, hideOverlap: true },
  }
  return {
    id,
    width,
    height: height + 130,
    label: `${title}: ${describe(touch, rows, thresholds)}.`,
    option: {
      grid: [
        { left: 92, right: 12, top: 6, height, outerBoundsMode: 'none' },
        { left: 92, right: 12, top: height + 18, height: 60, outerBoundsMode: 'none' },
      ],
      xAxis: [
        { ...axis('', category), axisLabel: { show: false }, splitLine: { show: false } },
        { ...axis('Minutes since the touch', { ...category, gridIndex: 1, nameGap: 26 }), splitLine: { show: false } },
      ],
      yAxis: [
        {
          ...axis('', {
            type: 'category',
            inverse: true,
            data: rows.map(({ threshold, horizon }) => rowName(thresholds[threshold - 1] ?? 0, horizon)),
            axisLabel: { color: COLOURS.muted, fontSize: 11, interval: 0 },
          }),
          splitLine: { show: false },
        },
        axis('Beyond, $', { type: 'value', gridIndex: 1, nameGap: 40, splitNumber: 2, scale: true }),
      ],
      series: [
        { type: 'custom', silent: true, renderItem: drawCell, data: cells },
        {
          type: 'line',
          silent: true,
          symbol: 'none',
          xAxisIndex: 1,
          yAxisIndex: 1,
          lineStyle: { color: COLOURS.ink, width: 1.5 },
          data: moments.map(({ moved }, column) => [column, moved]),
        },
      ],
    },
  }
}

const rowName = (threshold: number, horizon: number): string => `${dollars(threshold)} in ${horizon}\u00A0s`

function describe(
  { moments }: PublishedTouch,
  rows: readonly { readonly place: number; readonly threshold: 1 | 2; readonly horizon: number }[],
  thresholds: Thresholds,
): string {
  const parts = rows.map(({ place, threshold, horizon }) => {
    const known = moments.flatMap(({ probabilities }) => probabilities[place] ?? [])
    const ends =
      known.length === 0
        ? 'no number'
        : `${percent(known[0] ?? null, 0)} at first, ${percent(known.at(-1) ?? null, 0)} at last`
    return `${rowName(thresholds[threshold - 1] ?? 0, horizon)} ${ends}`
  })
  return parts.join('; ')
}

const drawCell: CustomSeriesRenderItem = (_params, api) => {
  const [x = 0, y = 0] = api.coord([api.value(0), api.value(1)])
  const [width = 0, height = 0] = (api.size?.([1, 1]) ?? []) as number[]
  const p = Number(api.value(2))
  const shape = { x: x - width / 2, y: y - height / 2, width: Math.max(1, width - 1), height: height - 1 }
  return {
    type: 'group',
    children: [
      { type: 'rect', shape, style: { fill: COLOURS.accent, opacity: 0.04 + 0.8 * p } },
      {
        type: 'text',
        style: {
          x,
          y,
          text: width > TEXT_WIDTH ? fixed(100 * p, 0) : '',
          fill: COLOURS.ink,
          fontSize: 10,
          align: 'center',
          verticalAlign: 'middle',
        },
      },
    ],
  }
}
