import type {
  BinaryCalibration,
  HeadCalibrationScores,
  SkippedCalibration,
  StrengthCalibration,
} from '../report/calibration.ts'
import type { Evaluation, Score } from '../report/evaluation.ts'

const number = (value: number | null, digits = 3): string => (value === null ? '-' : value.toFixed(digits))

const interval = ({ estimate, low, high }: Score, digits = 3): string =>
  low === null || high === null
    ? number(estimate, digits)
    : `${number(estimate, digits)} [${number(low, digits)}, ${number(high, digits)}]`

const HEADER = [
  'head',
  'forecast',
  'rows',
  'Brier',
  'saves Brier',
  'log loss',
  'ECE',
  'calibrated ECE',
  'smooth ECE',
  'p',
]

/** The calibration as text: one table a stage and ablation, one line a head and way to forecast. */
export function calibrationTable({ sets }: Evaluation): string {
  return sets
    .map(({ stage, ablation, calibration }) => {
      const rows = [HEADER, ...(calibration?.heads ?? []).flatMap((head) => headRows(head))]
      const widths = HEADER.map((_, column) =>
        Math.max(...rows.map((row) => (row.length > 3 ? (row[column] ?? '').length : 0))),
      )
      const lines = rows.map((row) =>
        row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd(),
      )
      return `${stage} ${ablation}\n${lines.join('\n')}\n`
    })
    .join('\n')
}

function headRows(head: HeadCalibrationScores | SkippedCalibration): string[][] {
  if (head.status === 'skipped') return [[head.name, `skipped: ${head.reason}`]]
  return Object.entries(head.columns).map(([id, scores], i) => {
    const start = [i === 0 ? head.name : '', id, String(head.rows)]
    return [...start, ...(scores.task === 'binary' ? binaryCells(scores) : strengthCells(scores))]
  })
}

function binaryCells({ brier, gain, logLoss, ece, nullEce, smoothEce, spiegelhalter }: BinaryCalibration): string[] {
  return [
    interval(brier, 4),
    gain === null ? '-' : interval(gain.brier, 4),
    number(logLoss.estimate, 4),
    number(ece.estimate),
    `${number(nullEce.low)} to ${number(nullEce.high)}`,
    number(smoothEce.estimate),
    number(spiegelhalter.p),
  ]
}

function strengthCells({ mae, intervals, adaptive }: StrengthCalibration): string[] {
  const fixed =
    'reason' in intervals
      ? intervals.reason
      : `${(100 * intervals.level).toFixed(0)}% interval covers ${interval(intervals.coverage)}`
  return [`MAE ${interval(mae)}`, `${fixed}; adaptive ${number(adaptive.coverage)}`]
}
