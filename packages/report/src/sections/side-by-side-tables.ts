import type {
  Band,
  BinaryCalibration,
  CalibrationColumn,
  Figure,
  HeadCalibrationScores,
  KindScores,
  Score,
  SkippedCalibration,
  StrengthCalibration,
} from '@breakwater/evaluation'
import { fixed, type Format, percent, plural, whole } from '../html/format.ts'
import { html, type Html } from '../html/html.ts'
import { headTitle, reachOf, type Thresholds } from '../html/names.ts'
import {
  barScale,
  type BarScale,
  groupHeading,
  numberCell,
  rowHeading,
  scoreCell,
  table,
  textCell,
} from '../html/table.ts'
import { SIGNS, verdict } from '../html/verdict.ts'

const four: Format = (value) => fixed(value, 4)
const three: Format = (value) => fixed(value, 3)
const shares: Format = (value) => percent(value)

const numeric = (names: readonly string[]): { name: string; numeric: boolean }[] =>
  names.map((name) => ({ name, numeric: true }))

/** A row that names the head of those below it. */
const headRow = (name: string, span: number, thresholds: Thresholds): Html[] => [
  groupHeading(html`${headTitle(name, thresholds)}<code>${name}</code>`, span),
]

type Columns = readonly CalibrationColumn[]

/** The ways that forecast a probability of this head, in the order of the columns. */
function binaryWays({ columns: scores }: HeadCalibrationScores, columns: Columns): Way<BinaryCalibration>[] {
  return columns.flatMap(({ id, title }) => {
    const found = scores[id]
    return found?.task === 'binary' ? [{ title, scores: found }] : []
  })
}

/** The ways that forecast its dollars. */
function strengthWays({ columns: scores }: HeadCalibrationScores, columns: Columns): Way<StrengthCalibration>[] {
  return columns.flatMap(({ id, title }) => {
    const found = scores[id]
    return found?.task === 'regression' ? [{ title, scores: found }] : []
  })
}

interface Way<T> {
  readonly title: string
  readonly scores: T
}

/** Scores of binary heads, one row per head and column. */
export function binaryTable(
  caption: string,
  heads: readonly HeadCalibrationScores[],
  columns: Columns,
  thresholds: Thresholds,
): Html | null {
  if (heads.length === 0) return null
  const gains = barScale(
    heads.flatMap((head) => binaryWays(head, columns).flatMap(({ scores }) => scores.gain_brier ?? [])),
    0,
  )
  const headings = [{ name: 'Forecast' }, ...numeric(BINARY_FIGURES)]
  const rows = heads.flatMap((head) => [
    headRow(head.name, headings.length, thresholds),
    ...binaryWays(head, columns).map(({ title, scores }) => [
      rowHeading(title),
      numberCell(whole(head.rows)),
      scoreCell(scores.brier, four),
      gainCell(scores.gain_brier, gains),
      scoreCell(scores.log_loss, four),
      scoreCell(scores.auc, three),
      bandCell(scores.ece, scores.null_ece),
      bandCell(scores.smooth_ece, scores.null_smooth_ece),
      figureCell(scores.debiased_ece, shares),
      numberCell(html`${three(scores.spiegelhalter.p)}${reason(scores.spiegelhalter.reason)}`),
      numberCell(percent(scores.mean_prediction)),
    ]),
  ])
  return table(caption, headings, rows)
}

const BINARY_FIGURES = [
  'Rows',
  'Brier',
  'Brier gain',
  'Log loss',
  'AUC',
  'ECE',
  'Smooth ECE',
  'Debiased ECE',
  'Spiegelhalter p',
  'Mean forecast',
]

const reason = (text: string | undefined): Html | null => (text === undefined ? null : html`<small>${text}</small>`)

/** The gain over the first forecast, with the verdict of its interval. */
function gainCell(gain: Score | null, scale: BarScale): Html {
  if (gain === null) return numberCell('–')
  const { kind, words } = verdict(gain, 0, 'the first forecast')
  return scoreCell(
    gain,
    four,
    scale,
    html`<span class="${kind}" role="img" aria-label="${words}">${SIGNS[kind]}</span> `,
  )
}

/** A calibration error with the band that calibrated forecasts of the same rows would show. */
function bandCell({ estimate }: Score, { low, high }: Band): Html {
  return numberCell(html`<b>${shares(estimate)}</b><small>${percent(low)} to ${percent(high)}</small>`)
}

const figureCell = ({ value, reason: why }: Figure, format: Format): Html =>
  numberCell(html`${format(value)}${reason(why)}`)

/** Strength: errors, and how often the intervals hold the target. */
export function strengthTable(
  heads: readonly HeadCalibrationScores[],
  columns: Columns,
  thresholds: Thresholds,
): Html | null {
  if (heads.length === 0) return null
  const names = [
    'MAE, $',
    'Bias, $',
    'Nominal',
    'Coverage',
    'Mean width, $',
    'Interval score, $',
    'Adaptive coverage',
    'Rows',
  ]
  const headings = [{ name: 'Forecast' }, ...numeric(names)]
  const rows = heads.flatMap((head) => [
    headRow(head.name, headings.length, thresholds),
    ...strengthWays(head, columns).map(({ title, scores }) => [
      rowHeading(title),
      scoreCell(scores.mae, three),
      scoreCell(scores.bias, three),
      ...intervalCells(scores),
      numberCell(percent(scores.adaptive.coverage)),
      numberCell(whole(head.rows)),
    ]),
  ])
  return table('Strength and the coverage of its intervals', headings, rows)
}

function intervalCells({ intervals }: StrengthCalibration): Html[] {
  if ('reason' in intervals) {
    return [numberCell('–'), numberCell(html`–<small>${intervals.reason}</small>`), numberCell('–'), numberCell('–')]
  }
  const { level, coverage, mean_width, interval_score } = intervals
  return [
    numberCell(percent(level, 0)),
    scoreCell(coverage, shares),
    numberCell(fixed(mean_width, 2)),
    numberCell(fixed(interval_score, 2)),
  ]
}

/** Reach heads against all touches, those with a window that was cut short included. */
export function censoredTable(
  heads: readonly HeadCalibrationScores[],
  columns: Columns,
  thresholds: Thresholds,
): Html | null {
  const headings = [{ name: 'Forecast' }, ...numeric(['Mean forecast', 'Incidence', 'Mean gap', 'Rows', 'Censored'])]
  const rows = heads.flatMap((head) => {
    const cells = binaryWays(head, columns).flatMap(({ title, scores: { censored } }) =>
      censored === null
        ? []
        : [
            [
              rowHeading(title),
              numberCell(percent(censored.mean_prediction)),
              scoreCell(censored.incidence, shares),
              figureCell(censored.error, shares),
              numberCell(whole(censored.rows)),
              numberCell(whole(censored.censored)),
            ],
          ],
    )
    return cells.length === 0 ? [] : [headRow(head.name, headings.length, thresholds), ...cells]
  })
  if (rows.length === 0) return null
  return table('Forecasts against incidence, including touches with a censored window (Aalen-Johansen)', headings, rows)
}

/** One head by kind of level. */
export function kindTable({ name, levelKinds }: HeadCalibrationScores, columns: Columns, thresholds: Thresholds): Html {
  if (levelKinds.length === 0) return html``
  const headings = [
    { name: 'Forecast' },
    ...numeric(['Brier', 'Log loss', 'ECE', 'Smooth ECE', 'Mean forecast', 'Observed', 'Rows']),
  ]
  const rows = levelKinds.flatMap((kind) => [
    [
      groupHeading(
        html`${kind.kind} <small>${plural(kind.rows, 'row')} in ${plural(kind.sessions, 'session')}</small>`,
        headings.length,
      ),
    ],
    ...kindRows(kind, columns),
  ])
  const title = reachOf(name) === null ? headTitle(name, thresholds) : name
  return table(`${title}, by kind of level`, headings, rows)
}

function kindRows(kind: KindScores, columns: Columns): Html[][] {
  return columns.flatMap(({ id, title }) => {
    const scores = kind.columns[id]
    if (scores === undefined) return []
    return [
      [
        rowHeading(title),
        scoreCell(scores.brier, four),
        numberCell(four(scores.log_loss)),
        numberCell(percent(scores.ece)),
        numberCell(percent(scores.smooth_ece)),
        numberCell(percent(scores.mean_prediction)),
        numberCell(percent(kind.base_rate)),
        numberCell(whole(kind.rows)),
      ],
    ]
  })
}

/** Which calibrator each fold chose, and why. */
export function calibratorTable(heads: readonly HeadCalibrationScores[], thresholds: Thresholds): Html | null {
  const headings = [{ name: 'Fold' }, { name: 'Calibrator' }, { name: 'Why' }, ...numeric(['Rows', 'Sessions'])]
  const rows = heads.flatMap(({ name, calibrators }) =>
    calibrators.length === 0
      ? []
      : [
          headRow(name, headings.length, thresholds),
          ...calibrators.map(({ fold, kind, reason: why, rows: fitted, sessions }) => [
            rowHeading(String(fold + 1)),
            textCell(kind ?? 'none'),
            textCell(why),
            numberCell(whole(fitted)),
            numberCell(whole(sessions)),
          ]),
        ],
  )
  if (rows.length === 0) return null
  return html`<details class="values">
    <summary>Calibrators by fold</summary>
    ${table('The calibrator of each fold, with the number of rows before its test dates that it was fitted on', headings, rows)}
  </details>`
}

/** Heads without a score, each with its reason. */
export function skippedTable(heads: readonly SkippedCalibration[], thresholds: Thresholds): Html | null {
  if (heads.length === 0) return null
  const rows = heads.map(({ name, reason: why }) => [
    rowHeading(html`${headTitle(name, thresholds)}<code>${name}</code>`),
    textCell(why),
  ])
  return table('Heads without scores', [{ name: 'Head' }, { name: 'Reason' }], rows)
}
