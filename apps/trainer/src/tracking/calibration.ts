import { basename } from 'node:path'
import { type EvaluationSet, setCurves, setHeadlines, setsTable } from '@breakwater/evaluation'
import { findSets, loadDetails } from '@breakwater/models/node'
import { recordTable } from '@breakwater/tracking'
import type { TrackedRun } from '@breakwater/tracking'
import type { Context } from '../context.ts'
import type { EvaluationResult } from '../evaluation/evaluate.ts'
import { absolute } from '../paths.ts'
import type { RunAbout } from './tracking.ts'

/** What a calibration scores: the sets of a folder, all of them or by name, on all their test dates or on some. */
interface ScoredSets {
  readonly modelDir: string
  readonly stage?: readonly string[]
  readonly ablation?: readonly string[]
  readonly testDates?: readonly string[]
  readonly seed: number
}

/** The description of a calibration run, from the metadata of the sets that it scores. */
export async function aboutCalibration({ cwd }: Context, flags: ScoredSets): Promise<RunAbout> {
  const folder = absolute(cwd, flags.modelDir)
  const names = findSets(folder, { stages: flags.stage, ablations: flags.ablation })
  const sets = await Promise.all(names.map((name) => loadDetails(folder, name)))
  const [first] = sets
  const tested = [...new Set(sets.flatMap(({ plan }) => plan.folds.flatMap(({ test }) => test)))].toSorted()
  const dates = flags.testDates ?? tested
  return {
    job: 'calibration',
    stage: unique(sets.map(({ stage }) => stage)),
    ablation: unique(sets.map(({ ablation }) => ablation)),
    schemaVersion: unique(sets.map(({ data }) => data.schemaVersion)),
    datasetHash: unique(sets.map(({ data }) => data.hash)),
    dates,
    settings: { seed: flags.seed, test_dates: dates, sets: names.map(({ stage, ablation }) => `${stage}_${ablation}`) },
    ...(first === undefined
      ? {}
      : {
          dataset: {
            name: 'signals',
            digest: first.data.hash,
            context: 'evaluation',
            source: first.data.files.join(', '),
            rows: first.data.rows,
          },
        }),
  }
}

const unique = (values: readonly string[]): string => [...new Set(values)].join('+')

/**
 * Records the headlines, `{set}/{group}/...`; as the table `metrics` every figure: scores of each head with their intervals, ECE and MCE
 * of each binning, and all forecasts side by side; the reliability curves; the figures and the page.
 */
export async function recordCalibration(run: TrackedRun, evaluated: EvaluationResult): Promise<void> {
  const { sets } = evaluated.evaluation
  await run.metrics(setHeadlines(sets))
  await recordTable(run, { name: 'metrics', ...setsTable(sets) })
  await run.artifact({
    name: 'curves',
    type: 'calibration_curves',
    files: sets.map((set) => ({ path: `${nameOf(set)}.json`, text: `${JSON.stringify(setCurves(set), null, 2)}\n` })),
  })
  const { json, html, texts } = evaluated
  const files = [
    { path: basename(json), text: texts.json },
    { path: basename(html), text: texts.html },
  ]
  await run.artifact({ name: 'report', type: 'report', files })
}

const nameOf = ({ stage, ablation }: EvaluationSet): string => `${stage}_${ablation}`
