import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  featureDrifts,
  type Contributions,
  ruleEquities,
  thresholdReturns,
  tiltContributions,
  touchContributions,
} from '@breakwater/evaluation/sets'
import { type Anchor, atAnchor, type Bars } from '@breakwater/features'
import { indexFiles, nearestTouches, type Signals, takeTable, targetsOf } from '@breakwater/models'
import { readIndex, readIndexRecord, type TrainedSet } from '@breakwater/models/node'
import type { ExplainedRows, ForecastSet } from '@breakwater/pages/workbench'

/** How the forecasts of a set are told. */
export interface ForecastSetRequest {
  readonly signals: Signals
  /** That they were made from. */
  readonly bars: Bars
  /** Dollars a share and trade. */
  readonly cost: number
  readonly seed: number
  /** Folder of retrieval indexes. */
  readonly indexes: string
}

/** Costs of a trade that the table of thresholds offers beside the stated one, dollars a share. */
const COSTS = [0, 0.01, 0.02, 0.05, 0.1, 0.2]

/** Columns whose contributions are told of each touch. */
const TOLD_COLUMNS = 6

/** A set as a workbench takes it, with what is computed of it when its files are written. Reads its retrieval indexes. */
export async function forecastSet(trained: TrainedSet, request: ForecastSetRequest): Promise<ForecastSet> {
  const { details, predictions } = trained
  const { signals, cost, seed } = request
  const { table, thresholds } = signals
  const dates = trainedDates(trained)
  const forecasts = { table, predictions, thresholds, resampling: { seed } }
  const isTested = predictions.role === 'test'
  const costs = [...new Set([...COSTS, cost])].toSorted((a, b) => a - b)
  return {
    name: `${details.stage} ${details.ablation}`,
    predictions,
    targets: targetsOf(details, signals),
    acting: (heads) => (isTested ? { cost, ...thresholdReturns({ ...forecasts, heads, costs }) } : null),
    explain: await explainer(trained, request),
    equity: () => (isTested ? ruleEquities({ ...forecasts, cost }) : null),
    drift: () =>
      details.baseline === undefined ? null : featureDrifts({ table, baseline: details.baseline, trained: dates }),
  }
}

/** The sessions that the models of the bundles were trained on. */
const trainedDates = ({ details: { final, plan } }: TrainedSet): readonly string[] =>
  final?.dates ?? plan.folds.at(-1)?.train ?? []

/** Explains rows of the signals: what moved the trees, and the past touches most like them. */
async function explainer(
  trained: TrainedSet,
  { signals, bars, indexes }: ForecastSetRequest,
): Promise<ForecastSet['explain']> {
  const { details } = trained
  const trainedOn = new Set(trainedDates(trained))
  // A set with a law and no record of a choice is older than the choice: it serves the law.
  const serves = trained.law === null ? 'heads' : (details.serving.at(-1)?.kind ?? 'law')
  const told = { count: TOLD_COLUMNS }
  const heads = new Map(touchContributions(trained, told))
  for (const anchor of details.options.anchors) {
    // A law that was fitted without bars sees none.
    const tilt = tiltContributions(
      trained,
      { ...signals, bars: details.law?.bars === true ? bars : undefined },
      { anchor, ...told },
    )
    if (tilt !== null) heads.set(atAnchor('tilt', anchor), tilt)
  }
  const finders = new Map<Anchor, Finder>()
  for (const anchor of details.options.anchors) finders.set(anchor, await finderOf(trained, anchor, indexes))
  return (rows, date): ExplainedRows => {
    const table = takeTable(signals.table, rows)
    return {
      serves,
      trained: trainedOn.has(date),
      heads: mapped(heads, (head: Contributions) => ({
        unit: head.unit,
        base: head.base,
        rows: head.explain(table),
      })),
      neighbours: mapped(finders, ({ indexed, find }: FoundIndex) => ({ indexed, rows: find(table) })),
    }
  }
}

interface NoIndex {
  readonly reason: string
}

interface FoundIndex {
  readonly indexed: number
  readonly find: ReturnType<typeof nearestTouches>
}

type Finder = FoundIndex | NoIndex

/** What finds past touches at an anchor, or why nothing does. */
async function finderOf({ details }: TrainedSet, anchor: Anchor, folder: string): Promise<Finder> {
  const { stage, ablation, data } = details
  const path = join(folder, indexFiles(details, anchor).record)
  const write = `\`breakwater index --stage ${stage} --ablation ${ablation} --anchor ${anchor}\` writes one; then write the workbench again.`
  if (!existsSync(path)) return { reason: `There is no retrieval index of ${stage} ${ablation} at ${anchor}. ${write}` }
  const record = await readIndexRecord(path)
  if (record.data.hash !== data.hash)
    return { reason: `The retrieval index of ${stage} ${ablation} at ${anchor} was made of other signals. ${write}` }
  return { indexed: record.rows, find: nearestTouches({ ...(await readIndex(path, record)), anchor }) }
}

/** The values of a map, reasons as they are. */
const mapped = <K, V, W>(from: ReadonlyMap<K, V | NoIndex>, of: (value: V) => W): Map<K, W | NoIndex> =>
  new Map([...from].map(([key, value]) => [key, isReason(value) ? value : of(value)]))

const isReason = (value: unknown): value is NoIndex => typeof value === 'object' && value !== null && 'reason' in value
