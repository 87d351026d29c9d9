import type { Table } from '@breakwater/features'
import { encoderFromJson, parseHeadName, splitAnchor, stringColumn } from '@breakwater/features'
import { encodeAtAnchor, takeTable } from '@breakwater/models'
import type { PredictedPart, TrainedSet } from '@breakwater/models/node'
import { meanContributions, pathDependentExplainer } from '@breakwater/trees'
import type { Explainer, TreeModel } from '@breakwater/trees'
import type { Attributions, NoAttributions } from '../documents/explanation.ts'

/** A part with the row of its signals that each prediction is of. */
export interface LocatedPart extends PredictedPart {
  readonly rows: Int32Array
}

/** Rows that are explained at most: a mean over them moves little with more. */
const MOST_ROWS = 2000

/**
 * What each column contributes to the head of the bundle, on scored rows of the last fold. That fold's model trained on none of them; the model
 * of a final fit on all of them, which says what it uses and nothing of its skill. Null for reach heads and without such rows; a reason where the model cannot be explained.
 */
export function attributionsOf(
  { bundles, details }: TrainedSet,
  parts: readonly LocatedPart[],
  name: string,
): Attributions | NoAttributions | null {
  const bundle = bundles.get(name)
  if (bundle === undefined || parseHeadName(name)?.question.kind === 'reach') return null
  const { model, description } = bundle
  const fold = details.plan.folds.length - 1
  const encoder = encoderFromJson(description.encoder)
  const explainer = explainerOf(model)
  if ('reason' in explainer) return explainer
  const tables = parts.flatMap((part) => explainedRows(part, name, fold))
  const total = tables.reduce((sum, { rows }) => sum + rows, 0)
  if (total === 0) return null
  const width = explainer.columns.length
  const all = new Float64Array(Math.min(total, MOST_ROWS) * width)
  let at = 0
  for (const table of thinned(tables, total)) {
    all.set(explainer.contributions(encodeAtAnchor(encoder, table, splitAnchor(name).anchor).matrix), at)
    at += table.rows * width
  }
  return {
    rows: at / width,
    unit: model.objective === 'logistic' ? 'log odds' : 'dollars',
    columns: meanContributions(explainer.columns, all.subarray(0, at)),
  }
}

/** An explainer, or why an imported model has none: it carries no covers, or is too deep. */
export function explainerOf(model: TreeModel): Explainer | NoAttributions {
  try {
    return pathDependentExplainer(model)
  } catch (error) {
    if (error instanceof RangeError) return { reason: error.message }
    throw error
  }
}

/** The rows of a part that the head's model of `fold` was scored on, as a table of their own. */
function explainedRows(
  { signals, predictions, targets, rows, keep }: LocatedPart,
  name: string,
  fold: number,
): Table[] {
  const target = targets.find((candidate) => candidate.name === name)
  if (target === undefined) return []
  const { codes, dictionary } = stringColumn(signals.table, 'date')
  const chosen = rows.filter(
    (row, place) =>
      predictions.fold[place] === fold && target.mask[row] === 1 && keep(dictionary[codes[row] as number] as string),
  )
  return [takeTable(signals.table, chosen)]
}

/** Evenly spaced rows of each table, so that all together are at most {@link MOST_ROWS}. */
function thinned(tables: readonly Table[], total: number): Table[] {
  if (total <= MOST_ROWS) return [...tables]
  return tables.map((table) => {
    const count = Math.floor((table.rows * MOST_ROWS) / total)
    return takeTable(
      table,
      Int32Array.from({ length: count }, (_, i) => Math.floor((i * table.rows) / count)),
    )
  })
}
