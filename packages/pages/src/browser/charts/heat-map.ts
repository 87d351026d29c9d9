import { faded, onThemeChange, readTheme } from './theme.ts'

/** Values by row and column. */
export interface HeatMapData {
  /** Names of the rows, from the top. */
  readonly rows: readonly string[]
  readonly columns: number
  /** How strongly a cell is coloured, in [0, 1]; null where it has no value. */
  readonly strength: (row: number, column: number) => number | null
  /** Columns with a mark above them. */
  readonly marked: readonly boolean[]
  /** Column that stands out; -1 for none. */
  readonly chosen: number
}

/** A cell. */
export interface HeatCell {
  readonly row: number
  readonly column: number
}

/** What a person does with a heat map. */
export interface HeatMapOptions {
  /** Called with the cell that the pointer or the keys are at. */
  readonly onCell: (cell: HeatCell) => void
  /** Called with the cell that was clicked, or chosen with Enter. */
  readonly onChoose: (cell: HeatCell) => void
}

/** A drawn heat map. */
export interface HeatMap {
  readonly set: (data: HeatMapData) => void
  /** Moves to a cell, and the focus with it. */
  readonly point: (cell: HeatCell) => void
}

const [ROW, TOP, FONT] = [13, 8, 10]
/** Names of rows take this share of the width at the most, and so many pixels. */
const [NAMES, MOST_NAMES] = [0.36, 200]

/** Draws a heat map on a canvas, as wide as its parent. Arrow keys, Home and End move between the cells; Enter chooses one. */
export function heatMap(canvas: HTMLCanvasElement, { onCell, onChoose }: HeatMapOptions): HeatMap {
  let theme = readTheme()
  let data: HeatMapData = { rows: [], columns: 0, strength: () => null, marked: [], chosen: -1 }
  let at: HeatCell | null = null
  const left = (): number => Math.min(MOST_NAMES, NAMES * width())
  const width = (): number => canvas.parentElement?.clientWidth ?? 0
  const draw = (): void => {
    const [ratio, wide, high] = [window.devicePixelRatio, width(), TOP + ROW * data.rows.length]
    canvas.width = Math.round(wide * ratio)
    canvas.height = Math.round(high * ratio)
    canvas.style.height = `${high}px`
    const context = canvas.getContext('2d')
    if (context === null || wide === 0) return
    context.scale(ratio, ratio)
    const cell = (wide - left()) / Math.max(1, data.columns)
    // On whole pixels, so that neighbours neither overlap nor leave a gap.
    const xOf = (column: number): number => Math.round((left() + column * cell) * ratio) / ratio
    const wideOf = (column: number): number => xOf(column + 1) - xOf(column)
    context.font = `${FONT}px ${getComputedStyle(document.body).fontFamily}`
    context.textBaseline = 'middle'
    for (const [row, name] of data.rows.entries()) {
      const y = TOP + row * ROW
      context.fillStyle = row === at?.row ? theme.ink : theme.quiet
      context.fillText(fitting(context, name, left() - 8), 4, y + ROW / 2)
      for (let column = 0; column < data.columns; column++) {
        const strength = data.strength(row, column)
        context.fillStyle = strength === null ? theme.neither : faded(theme.bounce, strength)
        context.fillRect(xOf(column), y, wideOf(column), ROW - 1)
      }
    }
    context.fillStyle = theme.break
    for (const [column, isMarked] of data.marked.entries())
      if (isMarked) context.fillRect(xOf(column), 1, wideOf(column), TOP - 4)
    context.strokeStyle = theme.ink
    if (data.chosen >= 0) context.strokeRect(xOf(data.chosen), TOP - 2, Math.max(2, cell), high - TOP + 1)
    if (at === null) return
    context.lineWidth = 2
    context.strokeRect(xOf(at.column) - 1, TOP + at.row * ROW - 1, Math.max(4, cell + 2), ROW + 1)
  }
  const move = (cell: HeatCell): void => {
    at = cell
    draw()
    onCell(cell)
    const box = canvas.parentElement
    const y = TOP + cell.row * ROW
    if (box !== null && (y < box.scrollTop || y + ROW > box.scrollTop + box.clientHeight))
      box.scrollTop = y - box.clientHeight / 2
  }
  const cellAt = ({ offsetX, offsetY }: MouseEvent): HeatCell | null => {
    const column = Math.floor(((offsetX - left()) / (width() - left())) * data.columns)
    const row = Math.floor((offsetY - TOP) / ROW)
    const isIn = column >= 0 && column < data.columns && row >= 0 && row < data.rows.length
    return isIn ? { row, column } : null
  }
  canvas.addEventListener('pointermove', (event) => {
    const cell = cellAt(event)
    if (cell !== null && (cell.row !== at?.row || cell.column !== at.column)) move(cell)
  })
  canvas.addEventListener('click', (event) => {
    const cell = cellAt(event)
    if (cell !== null) onChoose(cell)
  })
  canvas.addEventListener('keydown', (event) => {
    if (data.rows.length === 0) return
    const from = at ?? { row: 0, column: Math.max(0, data.chosen) }
    if (event.key === 'Enter') return onChoose(from)
    const by = STEPS[event.key]
    if (by === undefined) return
    event.preventDefault()
    move({
      row: Math.min(data.rows.length - 1, Math.max(0, from.row + (at === null ? 0 : by[0]))),
      column: Math.min(data.columns - 1, Math.max(0, from.column + (at === null ? 0 : by[1]))),
    })
  })
  onThemeChange((next) => {
    theme = next
    draw()
  })
  new ResizeObserver(draw).observe(canvas.parentElement ?? canvas)
  return {
    set(next) {
      data = next
      if (at !== null && at.row >= next.rows.length) at = null
      draw()
    },
    point(cell) {
      canvas.focus()
      move(cell)
    },
  }
}

/** Rows and columns that a key moves by. */
const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  Home: [0, -Infinity],
  End: [0, Infinity],
}

/** A text, shortened where it is wider than a width. */
function fitting(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text
  let length = text.length
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > width) length--
  return `${text.slice(0, length)}…`
}
