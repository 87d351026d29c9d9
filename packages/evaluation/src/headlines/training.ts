import { WINDOW_HEADS } from '@breakwater/features'
import type { HeadRecord, TrainingDetails } from '@breakwater/models'
import { testedGroup } from '../runs/run-summary.ts'

/** Metrics of a run by key. */
export type Metrics = Readonly<Record<string, number>>

/** A table of figures: one cell a column in each row. */
export interface FigureTable {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number | null)[])[]
}

/** What a training comes to in a few numbers. */
export interface TrainingHeadlines {
  /** Of each fold, in order. */
  readonly folds: readonly { readonly fold: number; readonly metrics: Metrics }[]
  /** Of all folds. */
  readonly all: Metrics
}

const [TRADEABLE, DIRECTION] = WINDOW_HEADS

type Headlined = Pick<TrainingDetails, 'heads' | 'plan' | 'tested'>

/**
 * The headline metrics of a training, at most 17: of all folds, what is served on test rows by group of heads, in nats, and what that
 * saves beside the law alone; by fold, means over its probability heads, and trees and rows. What does not exist is left out.
 */
export function trainingHeadlines({ heads, plan, tested = [] }: Headlined): TrainingHeadlines {
  const groups = (['reach', TRADEABLE, DIRECTION] as const).flatMap((kind): [string, number][] => {
    const group = testedGroup(tested, kind)
    if (group === null) return []
    const name = kind.replace(/_2$/, '')
    return [
      [`${name}/log_loss`, group.log_loss],
      [`${name}/beyond_law`, group.beyond_law],
    ]
  })
  const trained = heads.filter(({ folds }) => folds.some(({ status }) => status === 'trained')).length
  const strength = heads.filter(({ task }) => task === 'regression').flatMap((head) => figures(head, 'test', 'mae'))
  return {
    folds: plan.folds.map(({ index: fold }) => ({ fold, metrics: foldMetrics(heads, fold) })),
    all: known({
      ...Object.fromEntries(groups),
      'strength/mae': mean(strength),
      rows_tested: Math.max(0, ...tested.map(({ rows }) => rows)),
      heads_trained: trained,
      heads_skipped: heads.length - trained,
    }),
  }
}

function foldMetrics(heads: readonly HeadRecord[], fold: number): Metrics {
  const own = heads.map((head) => ({
    ...head,
    folds: head.folds.filter((record) => record.fold === fold && record.status === 'trained'),
  }))
  const binary = own.filter(({ task }) => task === 'binary')
  const meanOf = (role: 'validation' | 'test', metric: string): number | null =>
    mean(binary.flatMap((head) => figures(head, role, metric)))
  const records = own.flatMap(({ folds }) => folds)
  return known({
    'validation/log_loss': meanOf('validation', 'log_loss'),
    'validation/auc': meanOf('validation', 'auc'),
    'test/log_loss': meanOf('test', 'log_loss'),
    'test/auc': meanOf('test', 'auc'),
    trees: records.reduce((sum, { trees }) => sum + trees, 0),
    train_rows: Math.max(0, ...records.map(({ trainRows }) => trainRows)),
  })
}

const figures = ({ folds }: Pick<HeadRecord, 'folds'>, role: 'validation' | 'test', metric: string): number[] =>
  folds.flatMap(({ metrics }) => metrics[role][metric] ?? [])

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length

/** Those that exist. */
const known = (metrics: Readonly<Record<string, number | null>>): Metrics =>
  Object.fromEntries(Object.entries(metrics).filter((entry): entry is [string, number] => entry[1] !== null))

/** Every figure of a training, one a row: head, fold, role of the rows (null for trees and rows), metric, value. */
export function trainingTable({ heads }: Pick<TrainingDetails, 'heads'>): FigureTable {
  const rows = heads.flatMap(({ name, folds }) =>
    folds
      .filter(({ status }) => status === 'trained')
      .flatMap(({ fold, metrics, trees, trainRows }) => [
        ...(['validation', 'test'] as const).flatMap((role) =>
          Object.entries(metrics[role]).map(([metric, value]) => [name, fold, role, metric, value]),
        ),
        [name, fold, null, 'trees', trees],
        [name, fold, null, 'train_rows', trainRows],
      ]),
  )
  return { columns: ['head', 'fold', 'rows', 'metric', 'value'], rows }
}
