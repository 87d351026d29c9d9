import { existsSync } from 'node:fs'
import { checkLiveFeatures, parseHeadName, type SignalSettings, type Stage, STAGES } from '@breakwater/features'
import { loadBundles, type LoadedBundles, loadMetadata, sha256 as hashOf } from '@breakwater/trees/node'
import type { Models, StageModels } from '@breakwater/viewport'
import { baselineOf, type FeatureBaseline } from '../baseline/baseline.ts'
import { readIndex, readIndexRecord } from '../index/files.ts'
import type { SetLaw } from '../law/forecaster.ts'
import { headUncertaintyOf } from '../set/head-uncertainty-record.ts'
import { lawRecordOf, servedKindOf, type ServingRecord } from '../set/law-record.ts'
import { loadSetLaw } from '../set/load.ts'
import { mixOfDetails } from '../set/mix-record.ts'
import { type TestedHead, testedOf } from '../set/tested.ts'
import type { ScoreCounts } from './counts.ts'
import { fingerprint, indexRecordPath, metadataPath, type ModelPlace } from './files.ts'
import { type GrowingNeighbours, type LookUpOptions, neighbourIndex } from './neighbours.ts'
import { pathForecaster } from './path-forecaster.ts'
import { bundlePredictor } from './predictor.ts'
import { servedHorizons, servedSignals } from './served-settings.ts'
import type { GrowthBase } from './touch-lines.ts'

/** What to load, and what a live row of this system has. */
export interface LoadRequest {
  readonly place: ModelPlace
  /** Horizons in seconds of the reach heads to serve; null for those of the models. */
  readonly horizons: readonly number[] | null
  /** Physics columns that come with the levels. */
  readonly physics: readonly string[]
  /** Features that may be missing in every row. */
  readonly allowMissing: readonly string[]
  /** Settings of the signals that are fixed here: models that were trained with others are refused. The rest is the models'. */
  readonly signals?: Partial<SignalSettings> | undefined
  /** Neighbours listed in a payload, and how it writes their times. */
  readonly listedNeighbours: number
  readonly timeOf: LookUpOptions['timeOf']
}

/** What is known of the models of one stage. */
export interface StageReport {
  /** SHA-256 of the metadata that lists the bundles. */
  readonly metadataSha256: string
  /** When they were trained, ISO 8601. */
  readonly trainedAt: string
  /** The newest session that they were fitted, stopped or calibrated on, 'YYYY-MM-DD'. */
  readonly fittedTo: string
  readonly dataHash: string
  readonly heads: readonly string[]
  /** Whether the set has a law of the path; without one its heads answer about the anchor alone. */
  readonly hasLaw: boolean
  /** What the set chose to serve. Heads answer at the anchor alone; at every other moment it is the law, where there is one. */
  readonly serves: ServingRecord['kind']
  /** Heads that training skipped, with its reason. */
  readonly skipped: readonly { readonly head: string; readonly reason: string }[]
  /** Features that every live row lacks, as was allowed. */
  readonly lacking: readonly string[]
  /** How features were distributed over training rows; null in sets of older versions. */
  readonly baseline: readonly FeatureBaseline[] | null
  /** How probabilities did on test rows, beside the law; empty in sets of older versions. */
  readonly tested: readonly TestedHead[]
  readonly index: { readonly sha256: string; readonly rows: number } | null
}

/** Models that passed every check. */
export interface LoadedModels {
  readonly models: Models
  readonly reports: Readonly<Record<Stage, StageReport | null>>
  /** Settings of the signals that the models were trained on, with those of the request. */
  readonly signals: SignalSettings
  /** Horizons in seconds of the reach heads that they serve. */
  readonly horizons: readonly number[]
  /** The indexes among the models, which grow as outcomes become known. */
  readonly indexes: readonly GrowingNeighbours[]
  /** What touches that these indexes grow by are for; null without an index. */
  readonly growthBase: GrowthBase | null
  /** Changes when the files do. */
  readonly fingerprint: string
}

const SECONDS_PER_MINUTE = 60

/** Reads of files that change meanwhile are repeated this often. */
const ATTEMPTS = 3

/**
 * Loads the bundles of both stages, as far as they were trained, with their indexes. Each file's hash, format,
 * features and golden row are checked, and that every feature can be built live. Throws where no stage has bundles,
 * and on anything that does not fit; files that are replaced while they are read are read again. Runs no code of any
 * file.
 */
export async function loadModels(request: LoadRequest, counts: ScoreCounts): Promise<LoadedModels> {
  for (let attempt = 1; ; attempt++) {
    const before = await fingerprint(request.place)
    try {
      return { ...(await loadOnce(request, counts)), fingerprint: before }
    } catch (error) {
      if (attempt >= ATTEMPTS || before === (await fingerprint(request.place))) throw error
    }
  }
}

async function loadOnce(asked: LoadRequest, counts: ScoreCounts): Promise<Omit<LoadedModels, 'fingerprint'>> {
  const signals = await servedSignals(asked)
  const horizons = asked.horizons ?? (await servedHorizons(asked))
  const request = { ...asked, horizons }
  const loaded = await Promise.all(STAGES.map((stage) => loadStage(request, stage, { counts, signals })))
  const [a, b] = loaded
  if (a === undefined || b === undefined || (a === null && b === null)) {
    const { modelDir, ablation } = request.place
    throw new Error(
      `models: ${modelDir}: model bundle missing: no metadata_stage_*_${ablation}.json. Run \`breakwater train --ablation ${ablation}\` first, or correct VIEWPORT_MODEL_DIR.`,
    )
  }
  return {
    signals,
    horizons,
    models: { stage_a: a?.models ?? NOTHING, stage_b: b?.models ?? NOTHING },
    reports: { stage_a: a?.report ?? null, stage_b: b?.report ?? null },
    indexes: [a, b].flatMap((stage) => stage?.index?.neighbours ?? []),
    growthBase: growthBase(request, signals, { stage_a: a?.index ?? null, stage_b: b?.index ?? null }),
  }
}

/** The base of touches that are kept: both indexes with their columns, the anchor, and what the outcomes are told by. */
function growthBase(
  { place }: LoadRequest,
  signals: SignalSettings,
  indexes: Readonly<Record<Stage, LoadedIndex | null>>,
): GrowthBase | null {
  if (STAGES.every((stage) => indexes[stage] === null)) return null
  const words = STAGES.flatMap((stage): [string, string][] => [
    [`index of ${stage}`, indexes[stage]?.report.sha256 ?? 'none'],
    [`list of columns of ${stage}`, hashOf(Buffer.from(JSON.stringify(indexes[stage]?.columns ?? [])))],
  ])
  return {
    ...Object.fromEntries(words),
    timeframe: place.timeframe,
    'settings of the signals': JSON.stringify(signals),
  }
}

interface LoadedStage {
  readonly models: StageModels
  readonly report: StageReport
  readonly index: LoadedIndex | null
}

interface LoadedIndex {
  readonly neighbours: GrowingNeighbours
  /** Names of its features, in order. */
  readonly columns: readonly string[]
  readonly report: NonNullable<StageReport['index']>
}

/** A request whose horizons are known. */
type StageRequest = LoadRequest & { readonly horizons: readonly number[] }

const NOTHING: StageModels = { predictor: null, neighbours: null }

async function loadStage(
  request: StageRequest,
  stage: Stage,
  { counts, signals }: { readonly counts: ScoreCounts; readonly signals: SignalSettings },
): Promise<LoadedStage | null> {
  const { place } = request
  if (!existsSync(metadataPath(place, stage))) return null
  const { metadata, bundles, sha256, serves } = await loadHeads(request, stage)
  const [first] = bundles.values()
  if (first === undefined) {
    throw new Error(
      `models: ${metadataPath(place, stage)}: no head of ${place.timeframe} was trained. Train it, or set VIEWPORT_TIMEFRAME.`,
    )
  }
  const uncertainties = headUncertaintyOf(metadata.details, metadataPath(place, stage))
  const predictor = bundlePredictor(bundles, counts.encoding, uncertainties)
  const { physics, allowMissing } = request
  const lacking = checkLiveFeatures(predictor.features, { physics, allowMissing })
  const law = await loadStageLaw(request, stage, metadata.details)
  const index = await loadNeighbours(request, stage, first.description.schemaVersion, { counts, signals })
  const heads = serves === 'heads' ? { predictor, anchor: place.timeframe } : undefined
  const options = { touchBand: signals.touchBand, report: counts.encoding, heads }
  return {
    models: {
      predictor,
      path: law === null ? null : pathForecaster(law, options),
      law: law === null ? null : pathForecaster(lawAlone(law), { touchBand: signals.touchBand }),
      neighbours: index?.neighbours ?? null,
      mix: mixOfDetails(metadata.details, place.timeframe),
    },
    index,
    report: {
      metadataSha256: sha256,
      trainedAt: metadata.timestamp,
      fittedTo: fittedTo(bundles),
      dataHash: first.description.dataHash,
      heads: predictor.heads,
      hasLaw: law !== null,
      serves,
      skipped: metadata.heads.flatMap((entry) =>
        entry.status === 'skipped' && isServed(entry.head, request) ? [{ head: entry.head, reason: entry.reason }] : [],
      ),
      lacking,
      baseline: baselineOf(metadata.details),
      tested: testedOf(metadata.details),
      index: index?.report ?? null,
    },
  }
}

function fittedTo(bundles: LoadedBundles['bundles']): string {
  const dates = [...bundles.values()].flatMap(({ description: { dates: of } }) => [
    ...of.train,
    ...of.validation,
    ...of.calibration,
  ])
  return dates.toSorted().at(-1) ?? ''
}

/** A law without its tilt and its shift of P(touch). */
const lawAlone = (law: SetLaw): SetLaw => ({ ...law, path: { ...law.path, tilt: null, approach: null } })

/** The law of a stage's set; null where it has none. Throws where it reads a feature that no live row has. */
async function loadStageLaw(
  { place: { modelDir, ablation }, physics, allowMissing }: LoadRequest,
  stage: Stage,
  details: unknown,
): Promise<SetLaw | null> {
  const law = await loadSetLaw(modelDir, { stage, ablation }, { law: lawRecordOf(details) })
  checkLiveFeatures(law?.features?.encoder.encodings.map(({ name }) => name) ?? [], { physics, allowMissing })
  return law
}

interface LoadedHeads extends LoadedBundles {
  readonly sha256: string
  readonly serves: ServingRecord['kind']
}

async function loadHeads(request: StageRequest, stage: Stage): Promise<LoadedHeads> {
  const { modelDir, ablation } = request.place
  const { metadata, sha256 } = await loadMetadata(modelDir, stage, ablation)
  const serves = servedKindOf(metadata.details)
  // A surface of heads is made coherent as a whole, whichever horizons of it are published.
  const isLoaded = (head: string): boolean =>
    serves === 'heads' ? parseHeadName(head)?.anchor === request.place.timeframe : isServed(head, request)
  const names = metadata.heads
    .filter(({ head, status }) => status === 'trained' && isLoaded(head))
    .map(({ head }) => head)
  return { ...(await loadBundles(modelDir, { stage, ablation, heads: names, metadata })), sha256, serves }
}

/** Whether a head belongs to the timeframe and, a reach head, to the horizons. */
function isServed(head: string, { place, horizons }: StageRequest): boolean {
  const parsed = parseHeadName(head)
  if (parsed?.anchor !== place.timeframe) return false
  return parsed.question.kind !== 'reach' || horizons.includes(parsed.question.horizon)
}

async function loadNeighbours(
  { place, horizons, listedNeighbours, timeOf, physics, allowMissing }: StageRequest,
  stage: Stage,
  schemaVersion: string,
  { counts, signals }: { readonly counts: ScoreCounts; readonly signals: SignalSettings },
): Promise<LoadedIndex | null> {
  const path = indexRecordPath(place, stage)
  if (path === null) return null
  const record = await readIndexRecord(path)
  if (record.stage !== stage) return null
  const fits = { ablation: place.ablation, anchor: place.timeframe, schemaVersion }
  const given = { ablation: record.ablation, anchor: record.anchor, schemaVersion: record.data.schemaVersion }
  for (const [name, wanted] of Object.entries(fits)) {
    const value: unknown = Reflect.get(given, name)
    if (value === wanted) continue
    throw new Error(
      `models: ${path}: ${name}=${String(value)}: the bundles of ${stage} have ${wanted}. Run \`breakwater index\` for them, or name their index.`,
    )
  }
  const { index, encoder } = await readIndex(path, record)
  const features = encoder.encodings.map(({ name }) => name)
  checkLiveFeatures(features, { physics, allowMissing })
  return {
    neighbours: neighbourIndex(index, encoder, { horizons, listed: listedNeighbours, timeOf }, counts, {
      anchor: place.timeframe,
      thresholds: signals.thresholds,
      lookforwardSeconds: signals.lookforward * SECONDS_PER_MINUTE,
    }),
    columns: encoder.columns,
    report: { sha256: record.sha256, rows: index.rows },
  }
}
