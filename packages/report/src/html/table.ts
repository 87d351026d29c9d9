import type { Score } from '@breakwater/evaluation'
import { type Format, interval } from './format.ts'
import { html, type Html } from './html.ts'

/** A column of a table. */
export interface ColumnHeading {
  readonly name: Html | string
  /** Numbers are set to the right with figures of one width. */
  readonly numeric?: boolean
}

/** A table in a box of its own that scrolls sideways where it is too wide; `caption` describes it. */
export function table(caption: string, columns: readonly ColumnHeading[], rows: readonly (readonly Html[])[]): Html {
  const heading = columns.map(({ name, numeric }) => html`<th scope="col" ${numericClass(numeric)}>${name}</th>`)
  const body = rows.map(
    (cells) =>
      html`<tr>
        ${cells}
      </tr>`,
  )
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${heading}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`
}

const numericClass = (numeric: boolean | undefined): Html => (numeric === true ? html` class="num"` : html``)

/** A cell of text. */
export const textCell = (content: Html | string): Html => html`<td>${content}</td>`

/** A cell that names its row. */
export const rowHeading = (content: Html | string): Html => html`<th scope="row">${content}</th>`

/** A cell that stands for a whole row and names those below it. */
export const groupHeading = (content: Html | string, span: number): Html =>
  html`<th scope="rowgroup" colspan="${span}" class="group">${content}</th>`

/** A cell of a number that is written already. */
export const numberCell = (content: Html | string): Html => html`<td class="num">${content}</td>`

/** The values that a column of interval bars spans. */
export interface BarScale {
  readonly low: number
  readonly high: number
  /** Drawn as a mark: where there is no skill. */
  readonly reference: number
}

/** A scale that holds every interval and the reference. */
export function barScale(scores: readonly Score[], reference: number): BarScale {
  const values = scores.flatMap(({ estimate, low, high }) => [estimate, low, high]).filter((value) => value !== null)
  return { low: Math.min(reference, ...values), high: Math.max(reference, ...values), reference }
}

/**
 * A cell of a score, its interval, and a bar of both on the column's scale. The reason stands for a missing figure; `sign`
 * stands before it.
 */
export function scoreCell(score: Score, format: Format, scale: BarScale | null = null, sign: Html | null = null): Html {
  const range = interval(score, format)
  const { reason } = score
  const why = reason === undefined ? null : html`<small class="why">${reason}</small>`
  return html`<td class="num">
    ${scale === null ? null : intervalBar(score, scale)}${sign}<b>${format(score.estimate)}</b>
    ${range === null ? why : html`<small>${range}</small>`}
  </td>`
}

function intervalBar({ estimate, low, high }: Score, scale: BarScale): Html | null {
  if (estimate === null) return null
  const place = (value: number): string =>
    (scale.high === scale.low ? 50 : ((value - scale.low) / (scale.high - scale.low)) * 100).toFixed(1)
  const whisker =
    low === null || high === null
      ? null
      : html`<i style="left:${place(low)}%;right:${(100 - Number(place(high))).toFixed(1)}%"></i>`
  return html`<span class="bar" aria-hidden="true"
    ><s style="left:${place(scale.reference)}%"></s>${whisker}<u style="left:${place(estimate)}%"></u
  ></span>`
}
