import { BarChart, CustomChart, LineChart } from 'echarts/charts'
import { GridComponent } from 'echarts/components'
import { type EChartsCoreOption, init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { escapeText, html, type Html, trusted } from '../html/html.ts'

use([BarChart, CustomChart, LineChart, GridComponent, SVGRenderer])

/** A chart: its echarts option, its size in CSS pixels, and what it shows, in a sentence for those who cannot see it. */
export interface Chart {
  /** Unique in the page; the chart's own ids begin with it. */
  readonly id: string
  readonly label: string
  readonly width: number
  readonly height: number
  readonly option: EChartsCoreOption
}

/** Colours of the page's style sheet, which differ by light and dark. */
export const COLOURS = {
  ink: 'var(--ink)',
  muted: 'var(--muted)',
  grid: 'var(--grid)',
  accent: 'var(--accent)',
  train: 'var(--train)',
  validation: 'var(--validation)',
  calibration: 'var(--calibration)',
  test: 'var(--test)',
  embargoed: 'var(--embargoed)',
} as const

/** Draws a chart to SVG on this side. No script, no network; the same chart gives the same bytes. */
function drawChart({ id, label, width, height, option }: Chart): Html {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
  chart.setOption({ animation: false, color: [COLOURS.accent], textStyle: { fontFamily: 'inherit' }, ...option })
  const drawn = chart.renderToSVGString()
  chart.dispose()
  return trusted(
    drawn
      .replaceAll(/<style[\s\S]*?<\/style>/g, '')
      .replaceAll(/ (?:class|pointer-events|ecmeta_\w+|xmlns:xlink|baseProfile|version)="[^"]*"/g, '')
      .replaceAll(/\bzr\d+-/g, `${id}-`)
      .replaceAll(/(\d\.\d{2})\d+/g, '$1')
      .replaceAll(/>\n+</g, '><')
      .replace('<svg', `<svg role="img" aria-label="${escapeText(label)}"`)
      .trim(),
  )
}

/** A chart with its title above and, where given, a note below. */
export function figure(title: Html | string, chart: Chart, note: Html | string | null = null): Html {
  return html`<figure>
    <figcaption>${title}</figcaption>
    ${drawChart(chart)}${note === null ? null : html`<p class="note">${note}</p>`}
  </figure>`
}

/** The same, drawn twice: for a wide page and for a narrow one, of which the style sheet shows one. */
export function wideFigure(title: Html | string, wide: Chart, narrow: Chart, note: Html | string | null = null): Html {
  return html`<figure class="full">
    <figcaption>${title}</figcaption>
    <div class="wide">${drawChart(wide)}</div>
    <div class="narrow">${drawChart(narrow)}</div>
    ${note === null ? null : html`<p class="note">${note}</p>`}
  </figure>`
}

/** An axis in the page's colours, with its name in the middle. */
export function axis(name: string, more: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return {
    name,
    nameLocation: 'middle',
    nameTextStyle: { color: COLOURS.muted, fontSize: 11 },
    axisLine: { show: true, lineStyle: { color: COLOURS.grid } },
    axisTick: { show: false },
    axisLabel: { color: COLOURS.muted, fontSize: 11, hideOverlap: true },
    splitLine: { lineStyle: { color: COLOURS.grid, width: 1 } },
    ...more,
  }
}
