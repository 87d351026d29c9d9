import { axis, type Chart, COLOURS } from './chart.ts'

/** Named values that are drawn as bars, largest first. */
export interface Bars {
  /** Name of the axis of values. */
  readonly axis: string
  readonly format: (value: number) => string
  readonly bars: readonly { readonly name: string; readonly value: number }[]
}

const ROW_HEIGHT = 20

/** Bars from left to right, one below another, each with its name and value. */
export function barChart(id: string, title: string, { axis: name, format, bars }: Bars): Chart {
  return {
    id,
    width: 340,
    height: bars.length * ROW_HEIGHT + 48,
    label: `${title}: ${bars.map((bar) => `${bar.name} ${format(bar.value)}`).join(', ')}.`,
    option: {
      grid: { left: 178, right: 40, top: 4, height: bars.length * ROW_HEIGHT, outerBoundsMode: 'none' },
      xAxis: axis(name, {
        type: 'value',
        nameGap: 26,
        splitNumber: 3,
        axisLabel: { color: COLOURS.muted, fontSize: 11, formatter: format },
      }),
      yAxis: axis('', {
        type: 'category',
        inverse: true,
        data: bars.map((bar) => bar.name),
        axisLabel: { color: COLOURS.ink, fontSize: 11, width: 166, overflow: 'truncate', interval: 0 },
        splitLine: { show: false },
      }),
      series: [
        {
          type: 'bar',
          silent: true,
          barWidth: 11,
          itemStyle: { color: COLOURS.accent, borderRadius: [0, 2, 2, 0] },
          label: {
            show: true,
            position: 'right',
            color: COLOURS.muted,
            fontSize: 11,
            formatter: ({ dataIndex }: { dataIndex: number }): string => format(bars[dataIndex]?.value ?? 0),
          },
          data: bars.map((bar) => bar.value),
        },
      ],
    },
  }
}
