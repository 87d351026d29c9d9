import type { BinaryCalibration, Evaluation, HeadCalibrationScores, StrengthCalibration } from '@breakwater/evaluation'
import { reachOf } from '../html/names.ts'
import { fitted, interval, number, type TextColumn, wrapped } from './cells.ts'
import { DEFAULT_WIDTH, leftOut, shownHeads, type TextOptions, verdictText } from './evaluation.ts'

/** One forecast of a head; the first of a head carries its name. */
interface Line<S> {
  readonly name: string
  readonly id: string
  readonly rows: number
  readonly scores: S
}

const start = <S>(): readonly TextColumn<Line<S>>[] => [
  { name: 'head', cell: ({ name }) => name },
  { name: 'forecast', cell: ({ id }) => id },
]

const BINARY: readonly TextColumn<Line<BinaryCalibration>>[] = [
  ...start<BinaryCalibration>(),
  { name: 'beyond law', cell: ({ scores }) => (scores.beyond_law === null ? '-' : interval(scores.beyond_law, 4)) },
  {
    name: 'gain over first',
    cell: ({ scores }) => (scores.gain_log_loss === null ? '-' : interval(scores.gain_log_loss, 4)),
  },
  { name: 'log loss', right: true, cell: ({ scores }) => number(scores.log_loss.estimate, 4) },
  { name: 'ECE', right: true, cell: ({ scores }) => number(scores.ece.estimate) },
  {
    name: 'by chance',
    cell: ({ scores: { null_ece } }) => `${number(null_ece.low)} to ${number(null_ece.high)}`,
  },
  { name: 'Brier', right: true, cell: ({ scores }) => number(scores.brier.estimate, 4) },
  { name: 'smooth ECE', right: true, cell: ({ scores }) => number(scores.smooth_ece.estimate) },
  { name: 'p', right: true, cell: ({ scores }) => number(scores.spiegelhalter.p) },
  { name: 'rows', right: true, cell: ({ rows }) => String(rows) },
]

const STRENGTH: readonly TextColumn<Line<StrengthCalibration>>[] = [
  ...start<StrengthCalibration>(),
  { name: 'MAE $', cell: ({ scores }) => interval(scores.mae) },
  {
    name: 'interval covers',
    cell: ({ scores: { intervals } }) => ('reason' in intervals ? '-' : interval(intervals.coverage)),
  },
  { name: 'adaptive', right: true, cell: ({ scores }) => number(scores.adaptive.coverage) },
  { name: 'rows', right: true, cell: ({ rows }) => String(rows) },
]

/**
 * Forecasts side by side as text: the verdict; then for each stage and ablation one line per head and column, by default the
 * heads of the primary anchor that ask about no reach. No line is longer than the width.
 */
export function sideBySideTable(evaluation: Evaluation, options: TextOptions = {}): string {
  const { width = DEFAULT_WIDTH } = options
  const sets = evaluation.sets.map(({ stage, ablation, calibration }) => {
    const all = calibration?.heads ?? []
    const asked = shownHeads(all, options)
    const isShort = options.all !== true && options.heads === undefined
    const shown = isShort ? asked.filter(({ name }) => reachOf(name) === null) : asked
    const scored = shown.filter((head): head is HeadCalibrationScores => head.status === 'scored')
    const skipped = shown.flatMap((head) => (head.status === 'skipped' ? [head] : []))
    const binary = linesOf<BinaryCalibration>(scored, 'binary')
    const strength = linesOf<StrengthCalibration>(scored, 'regression')
    return [
      `${stage} ${ablation}`,
      ...(binary.length === 0 ? [] : fitted(binary, BINARY, width)),
      ...(strength.length === 0 ? [] : ['', ...fitted(strength, STRENGTH, width)]),
      ...skipped.flatMap(({ name, reason }) => wrapped(`${name} skipped: ${reason}`, width)),
      ...leftOut(all.length - shown.length, width),
    ].join('\n')
  })
  return `${[verdictText(evaluation, width), ...sets].join('\n\n')}\n`
}

function linesOf<S extends BinaryCalibration | StrengthCalibration>(
  heads: readonly HeadCalibrationScores[],
  task: S['task'],
): Line<S>[] {
  return heads
    .filter((head) => head.task === task)
    .flatMap(({ name, rows, columns }) =>
      Object.entries(columns).map(([id, scores], place): Line<S> => ({
        name: place === 0 ? name : '',
        id,
        rows,
        scores: scores as S,
      })),
    )
}
