/** A line of a plot: points in the plot's units, in the order they are joined. */
export interface PlotLine {
  readonly points: readonly (readonly [x: number, y: number])[]
  /** Class of the style sheet: what the line is. */
  readonly kind: 'main' | 'reference'
}

/** A plot of lines over [0, 1] x [0, top]. */
export interface Plot {
  readonly title: string
  readonly x: string
  readonly y: string
  /** The end of the vertical axis; default 1. */
  readonly top?: number
  readonly lines: readonly PlotLine[]
  readonly dots?: readonly (readonly [x: number, y: number])[]
  /** What the plot shows, for those who do not see it. */
  readonly text: string
}

const SVG = 'http://www.w3.org/2000/svg'
const [WIDTH, HEIGHT, LEFT, BOTTOM, MARGIN] = [260, 220, 38, 34, 10]

/** Draws a plot as SVG; its colours are the style sheet's. */
export function linePlot({ title, x, y, top = 1, lines, dots = [], text }: Plot): HTMLElement {
  const across = (value: number): number => LEFT + value * (WIDTH - LEFT - MARGIN)
  const up = (value: number): number => HEIGHT - BOTTOM - (Math.min(value, top) / top) * (HEIGHT - BOTTOM - MARGIN)
  const svg = shape('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': `${title}. ${text}` })
  for (const share of [0, 0.5, 1]) {
    svg.append(
      shape('line', { class: 'grid', x1: across(0), x2: across(1), y1: up(share * top), y2: up(share * top) }),
      label(String(share), across(share), HEIGHT - BOTTOM + 14, 'middle'),
      label(Number((share * top).toFixed(2)).toString(), LEFT - 5, up(share * top) + 4, 'end'),
    )
  }
  svg.append(label(x, across(0.5), HEIGHT - 4, 'middle'))
  for (const { points, kind } of lines) {
    const path = points.map(([px, py]) => `${across(px).toFixed(1)},${up(py).toFixed(1)}`).join(' ')
    svg.append(shape('polyline', { class: kind, points: path }))
  }
  for (const [px, py] of dots) svg.append(shape('circle', { class: 'main', cx: across(px), cy: up(py), r: 3 }))
  const figure = document.createElement('figure')
  const caption = document.createElement('figcaption')
  caption.textContent = `${title}: ${y}`
  figure.append(caption, svg)
  return figure
}

function label(text: string, x: number, y: number, anchor: string): SVGElement {
  const made = shape('text', { x, y, 'text-anchor': anchor })
  made.textContent = text
  return made
}

function shape(tag: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value))
  return made
}
