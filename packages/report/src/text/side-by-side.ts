import type {
  BinaryCalibration,
  Evaluation,
  HeadCalibrationScores,
  SkippedCalibration,
  StrengthCalibration,
} from '@breakwater/evaluation'
import { aligned, interval, number } from './cells.ts'

const HEADER = [
  'head',
  'forecast',
  'rows',
  'Brier',
  'Brier gain',
  'log loss',
  'ECE',
  'calibrated ECE',
  'smooth ECE',
  'p',
]

/** Forecasts side by side as text: one table a stage and ablation, one line per head and column. */
export function sideBySideTable({ sets }: Evaluation): string {
  return sets
    .map(({ stage, ablation, calibration }) => {
      const rows = [HEADER, ...(calibration?.heads ?? []).flatMap((head) => headRows(head))]
      const lines = aligned(rows, { measured: (row) => row.length > 3 })
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

function binaryCells(scores: BinaryCalibration): string[] {
  const { brier, gain_brier, log_loss, ece, null_ece, smooth_ece, spiegelhalter } = scores
  return [
    interval(brier, 4),
    gain_brier === null ? '-' : interval(gain_brier, 4),
    number(log_loss.estimate, 4),
    number(ece.estimate),
    `${number(null_ece.low)} to ${number(null_ece.high)}`,
    number(smooth_ece.estimate),
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
