import type { Column } from '@breakwater/features'
import { numbersOf, stringsOf, timesOf } from '@breakwater/features'
import { readTable, writeTable } from '@breakwater/features/parquet'

/** Which rows were predicted: test rows, or validation rows where the plan has no test dates. */
export type PredictedRole = 'test' | 'validation'

/**
 * Predictions of rows that their model did not train on. Row i is event `eventIds[i]`, predicted by fold `fold[i]`;
 * `heads` holds a probability (binary) or dollars (regression) per row, NaN where the head has no model in that fold.
 */
export interface Predictions {
  readonly role: PredictedRole
  readonly rows: number
  readonly eventIds: readonly string[]
  readonly tsNs: BigInt64Array
  readonly fold: Float64Array
  /** Of the trees alone. */
  readonly heads: ReadonlyMap<string, Float64Array>
  /**
   * As served, calibrated. Empty where no calibrator was fitted, and for validation rows: calibrators may have been
   * fitted on them.
   */
  readonly calibrated: ReadonlyMap<string, Float64Array>
}

const HEAD_PREFIX = 'p_'
const CALIBRATED_PREFIX = 'c_'

/** Joins predictions of folds in fold order; all must have the same heads. */
export function joinPredictions(role: PredictedRole, parts: readonly Predictions[]): Predictions {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  const tsNs = new BigInt64Array(rows)
  const fold = new Float64Array(rows)
  let at = 0
  for (const part of parts) {
    tsNs.set(part.tsNs, at)
    fold.set(part.fold, at)
    at += part.rows
  }
  return {
    role,
    rows,
    eventIds: parts.flatMap((part) => part.eventIds),
    tsNs,
    fold,
    heads: joinHeads(parts, rows, ({ heads }) => heads),
    calibrated: joinHeads(parts, rows, ({ calibrated }) => calibrated),
  }
}

function joinHeads(
  parts: readonly Predictions[],
  rows: number,
  pick: (part: Predictions) => ReadonlyMap<string, Float64Array>,
): Map<string, Float64Array> {
  const names = [...new Set(parts.flatMap((part) => [...pick(part).keys()]))]
  const heads = new Map(names.map((name) => [name, new Float64Array(rows).fill(Number.NaN)]))
  let at = 0
  for (const part of parts) {
    for (const [name, values] of pick(part)) heads.get(name)?.set(values, at)
    at += part.rows
  }
  return heads
}

/** Writes predictions as Parquet: one column `p_{head}` a head, and `c_{head}` for the calibrated value. */
export async function writePredictions(
  path: string,
  predictions: Predictions,
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const columns: Record<string, Column> = {
    event_id: {
      type: 'string',
      codes: Int32Array.from({ length: predictions.rows }, (_, row) => row),
      dictionary: predictions.eventIds,
    },
    ts_ns: { type: 'time', values: predictions.tsNs },
    fold: { type: 'number', values: predictions.fold },
  }
  for (const [name, values] of predictions.heads) columns[HEAD_PREFIX + name] = { type: 'number', values }
  for (const [name, values] of predictions.calibrated) columns[CALIBRATED_PREFIX + name] = { type: 'number', values }
  await writeTable(path, { rows: predictions.rows, columns }, { metadata: { ...metadata, role: predictions.role } })
}

/** Reads what {@link writePredictions} wrote. */
export async function readPredictions(
  path: string,
): Promise<{ predictions: Predictions; metadata: Readonly<Record<string, string>> }> {
  const { table, metadata } = await readTable(path)
  const role = metadata['role']
  if (role !== 'test' && role !== 'validation') {
    throw new Error(`trainer: ${path}: role=${String(role)}: is not a predictions file. Run \`trainer train\` again.`)
  }
  const withPrefix = (prefix: string): Map<string, Float64Array> =>
    new Map(
      Object.keys(table.columns)
        .filter((name) => name.startsWith(prefix))
        .map((name) => [name.slice(prefix.length), numbersOf(table, name)]),
    )
  const fold = numbersOf(table, 'fold')
  const predictions: Predictions = {
    role,
    rows: table.rows,
    eventIds: stringsOf(table, 'event_id'),
    tsNs: timesOf(table, 'ts_ns'),
    fold,
    heads: withPrefix(HEAD_PREFIX),
    calibrated: withPrefix(CALIBRATED_PREFIX),
  }
  return { predictions, metadata }
}
