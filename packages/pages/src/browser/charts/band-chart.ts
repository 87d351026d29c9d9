import { createChart, LineSeries, LineStyle, type Time, type UTCTimestamp } from 'lightweight-charts'
import { signed } from '../format.ts'
import { chartOptions, faded, onThemeChange, readTheme, type Theme } from './theme.ts'

/** A line over dates with its band; lists have one entry a date. */
export interface BandLine {
  /** YYYY-MM-DD, rising. */
  readonly dates: readonly string[]
  readonly values: readonly number[]
  readonly low: readonly (number | null)[]
  readonly high: readonly (number | null)[]
}

/** What a person does with a chart of a band. */
export interface BandChartOptions {
  /** Called with the place of the date that the pointer or the keys are at, or null where they have left. */
  readonly onPlace: (place: number | null) => void
  /** Called with the place that was clicked, or chosen with Enter. */
  readonly onChoose: (place: number) => void
}

const timeOf = (date: string): UTCTimestamp => (Date.parse(date) / 1000) as UTCTimestamp
const dateOf = (time: Time): string => new Date(Number(time) * 1000).toISOString().slice(0, 10)

/** Draws dollars over dates into an element, which gives it its size. Left, Right, Home and End move between the dates. */
export function bandChart(
  host: HTMLElement,
  { onPlace, onChoose }: BandChartOptions,
): { readonly set: (line: BandLine) => void } {
  const theme = readTheme()
  const chart = createChart(host, optionsOf(theme))
  const [line, low, high] = ([false, true, true] as const).map((isBand) =>
    chart.addSeries(LineSeries, lineOptions(isBand, theme)),
  )
  // The element may get its size after its data.
  chart.timeScale().subscribeSizeChange(() => chart.timeScale().fitContent())
  let dates: readonly string[] = []
  let [values, at]: [readonly number[], number | null] = [[], null]
  onThemeChange((next) => {
    chart.applyOptions(optionsOf(next))
    for (const series of [line, low, high]) series?.applyOptions(lineOptions(series !== line, next))
  })
  const placeOf = (time: Time | undefined): number | null => {
    const place = time === undefined ? -1 : dates.indexOf(dateOf(time))
    return place === -1 ? null : place
  }
  chart.subscribeCrosshairMove(({ time }) => {
    at = placeOf(time) ?? at
    onPlace(placeOf(time))
  })
  chart.subscribeClick(({ time }) => {
    const place = placeOf(time)
    if (place !== null) onChoose(place)
  })
  host.addEventListener('keydown', (event) => {
    const last = dates.length - 1
    const to = { ArrowLeft: (at ?? dates.length) - 1, ArrowRight: (at ?? -1) + 1, Home: 0, End: last }[event.key]
    if (event.key === 'Enter' && at !== null) return onChoose(at)
    if (to === undefined || last < 0 || line === undefined) return
    event.preventDefault()
    at = Math.min(last, Math.max(0, to))
    chart.setCrosshairPosition(values[at] ?? 0, timeOf(dates[at] ?? ''), line)
    onPlace(at)
  })
  const points = (of: readonly (number | null)[]): { time: UTCTimestamp; value?: number }[] =>
    dates.map((date, place) => {
      const value = of[place] ?? null
      return value === null ? { time: timeOf(date) } : { time: timeOf(date), value }
    })
  return {
    set(next) {
      ;({ dates, values } = next)
      at = null
      line?.setData(points(next.values))
      low?.setData(points(next.low))
      high?.setData(points(next.high))
      chart.timeScale().fitContent()
    },
  }
}

const optionsOf = (theme: Theme): ReturnType<typeof chartOptions> => {
  const shared = chartOptions(theme)
  return {
    ...shared,
    timeScale: { ...shared.timeScale, fixLeftEdge: true, fixRightEdge: true, tickMarkFormatter: dateOf },
    localization: { timeFormatter: dateOf },
  }
}

const lineOptions = (isBand: boolean, theme: Theme) => ({
  color: isBand ? faded(theme.break, 0.6) : theme.break,
  lineWidth: isBand ? (1 as const) : (2 as const),
  lineStyle: isBand ? LineStyle.Dashed : LineStyle.Solid,
  priceLineVisible: false,
  lastValueVisible: !isBand,
  crosshairMarkerVisible: !isBand,
  priceFormat: { type: 'custom' as const, formatter: signed, minMove: 0.01 },
})
