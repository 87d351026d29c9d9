import type { PlaceCell } from '@breakwater/evaluation'
import type { CustomSeriesRenderItem } from 'echarts'
import { placeName } from '../html/names.ts'
import { percent } from '../html/format.ts'
import { axis, type Chart, COLOURS } from './chart.ts'
import { wholeTicks } from './reliability-axes.ts'

/**
 * Observed rate and mean forecast by where price stood, each cell with the band that calibrated forecasts would fall into by
 * chance. The axis of rates holds every point.
 */
export function placeChart(id: string, title: string, cells: readonly PlaceCell[]): Chart {
  const values = cells.flatMap(({ observed_rate, mean_prediction, band }) => [
    observed_rate,
    mean_prediction,
    band.low,
    band.high,
  ])
  const { from, to, tick } = wholeTicks(values.map((value) => Math.min(1, Math.max(0, value))))
  const points = (pick: (cell: PlaceCell) => number): number[][] => cells.map((cell, place) => [place, pick(cell)])
  return {
    id,
    width: 340,
    height: 250,
    label: `${title}: ${cells.map((cell) => `${placeName(cell)}, ${percent(cell.mean_prediction)} forecast, ${percent(cell.observed_rate)} observed`).join('; ')}.`,
    option: {
      grid: { left: 52, right: 12, top: 8, bottom: 62, outerBoundsMode: 'none' },
      xAxis: axis('Price beyond the level', {
        type: 'category',
        data: cells.map((cell) => placeName(cell).replace(' to ', '\n')),
        nameGap: 40,
        axisLabel: { color: COLOURS.muted, fontSize: 10, interval: 0 },
      }),
      yAxis: axis('Rate, %', {
        type: 'value',
        min: from,
        max: to,
        interval: tick,
        nameGap: 36,
        axisLabel: {
          color: COLOURS.muted,
          fontSize: 11,
          formatter: (value: number): string => percent(value, tick < 0.01 ? 1 : 0),
        },
      }),
      series: [
        {
          type: 'custom',
          silent: true,
          renderItem: drawBand,
          data: cells.map((cell, place) => [place, Math.max(from, cell.band.low), Math.min(to, cell.band.high)]),
        },
        {
          type: 'line',
          silent: true,
          symbol: 'none',
          lineStyle: { color: COLOURS.muted, width: 1.5, type: [4, 3] },
          data: points(({ mean_prediction }) => mean_prediction),
        },
        {
          type: 'line',
          silent: true,
          symbol: 'circle',
          symbolSize: 8,
          showAllSymbol: true,
          lineStyle: { opacity: 0 },
          itemStyle: { color: COLOURS.accent, borderWidth: 0 },
          data: points(({ observed_rate }) => observed_rate),
        },
      ],
    },
  }
}

const drawBand: CustomSeriesRenderItem = (_params, api) => {
  const [x = 0, bottom = 0] = api.coord([api.value(0), api.value(1)])
  const [, top = 0] = api.coord([api.value(0), api.value(2)])
  return {
    type: 'rect',
    shape: { x: x - 14, y: top, width: 28, height: Math.max(1, bottom - top) },
    style: { fill: COLOURS.muted, opacity: 0.22 },
  }
}
