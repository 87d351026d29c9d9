import { join } from 'node:path'
import type { Comparison } from '@breakwater/evaluation'
import { compareSequences, type SequenceAnswers } from '@breakwater/evaluation/sets'
import { replaceFile, withFolderLock } from '@breakwater/formats/node'
import type { NeighbourOptions, Signals } from '@breakwater/models'
import { findSets, loadSet } from '@breakwater/models/node'
import { joinSequences, predictPatchTst, toSequenceSet } from '@breakwater/patchtst'
import type { Device } from '@breakwater/patchtst'
import {
  aboutFile,
  anchorNamed,
  loadTrainedModel,
  type ModelRecord,
  parseRecord,
  sessionsOf,
  testDates,
} from '@breakwater/models/patchtst'
import type { Context } from '../context.ts'
import { gitCommit, trainerVersion } from '../context.ts'
import { neighboursOf, partsOf } from '../evaluation/evaluate.ts'
import { absolute, existing, shown } from '../paths.ts'
import { findFiles, readFiles } from '../patchtst/files.ts'
import type { Progress } from '@breakwater/command-line'
import { signalsOf } from '../signals-file.ts'
import { noteReplacedFiles } from '../versions/replaced.ts'

/** What to compare. */
export interface CompareRequest {
  readonly testFiles: readonly string[]
  readonly testDates: readonly string[] | undefined
  /** The PatchTST model file. */
  readonly patchTst: string
  readonly stage: string
  readonly ablation: string
  readonly neighbours: NeighbourOptions
  readonly device: Device
  readonly dataPath: readonly string[] | undefined
  readonly modelDir: string
  readonly outputDir: string
  readonly schemaPath: string | undefined
  readonly seed: number
}

/** A comparison and where it was written. */
export interface ComparisonResult {
  readonly json: string
  readonly comparison: Comparison
}

/**
 * Scores PatchTST, trees and neighbours side by side on the events that all of them forecast, in sessions that none of them
 * was trained, stopped or calibrated on, and writes comparison.json. Nothing is chosen by these sessions.
 */
export async function compareTrained(
  context: Context,
  progress: Progress,
  request: CompareRequest,
): Promise<ComparisonResult> {
  const sequences = await answerSequences(context, progress, request)
  const { dates, record } = sequences
  const folder = absolute(context.cwd, request.modelDir)
  const [name] = findSets(folder, { stages: [request.stage], ablations: [request.ablation] })
  if (name === undefined) throw new Error('trainer: no trained set was found')
  const trained = await loadSet(folder, name)
  const signals = await signalsOf(context, request, trained)
  checkLabels(record, signals, request.patchTst)
  const parts = await partsOf(context, { ...request, testDates: dates }, trained, signals)
  const answers = await neighboursOf(context, progress, { trained, parts, options: request.neighbours })
  const compared = compareSequences({
    trained,
    parts,
    sequences,
    neighbours: { answers, k: request.neighbours.k },
    dates,
    trainDates: record.trainDates,
    seed: request.seed,
  })
  if (compared.heads.length === 0) throw new Error(nothingCommon(request, sequences.anchor))
  const comparison: Comparison = {
    ...compared,
    provenance: {
      patchTst: request.patchTst,
      stage: name.stage,
      ablation: name.ablation,
      dataHash: signals.hash,
      gitSha: gitCommit(context.cwd),
      libraryVersion: trainerVersion(),
      timestamp: new Date(context.clock()).toISOString(),
    },
  }
  return save(context, progress, request, comparison)
}

interface LabelledAnswers extends SequenceAnswers {
  readonly record: ModelRecord
  readonly dates: readonly string[]
}

/** Reads the test files, checks their sessions against the model's, and asks the model. */
async function answerSequences(
  context: Context,
  progress: Progress,
  request: CompareRequest,
): Promise<LabelledAnswers> {
  const path = existing(
    context.cwd,
    request.patchTst,
    `${request.patchTst}: the PatchTST model is missing. Run \`breakwater patchtst\` first, or give its file with --patchtst.`,
  )
  const loaded = await loadTrainedModel(path, request.patchTst)
  const record = parseRecord(loaded.details, request.patchTst)
  const anchor = anchorNamed(record.anchor, request.patchTst)
  const files = await readFiles(context, findFiles(context, '--test-files', request.testFiles))
  const dates = testDates(record, sessionsOf(files), request.testDates)
  const used = files.filter((file) => file.dates.some((date) => dates.includes(date)))
  for (const { file, data } of used) checkAnchor(file, aboutFile(data.metadata)?.anchor, anchor)
  const data = joinSequences(used.map((file) => file.data))
  const step = progress.step('ask patchtst', 1)
  const answers = await predictPatchTst(loaded, toSequenceSet(data, record.statics), { device: request.device })
  step.end(`${data.samples} sequences`)
  return { data, answers, anchor, record, dates }
}

function checkAnchor(file: string, found: string | undefined, wanted: string): void {
  if (found === undefined || found === wanted) return
  throw new Error(
    `trainer: ${file}: its labels are at ${found} and PatchTST was trained at ${wanted}. Write it again with --anchor ${wanted}.`,
  )
}

/** Throws where PatchTST learnt labels of other thresholds than the trees. */
function checkLabels({ thresholds }: ModelRecord, signals: Signals, source: string): void {
  if (thresholds === null || thresholds.join() === signals.thresholds.join()) return
  throw new Error(
    `trainer: ${source}: was trained on thresholds of $${thresholds.join(' and $')}, and the trees on $${signals.thresholds.join(' and $')}. ` +
      'Their labels mean different things: train both on the same signals.',
  )
}

const nothingCommon = ({ stage, ablation }: CompareRequest, anchor: string): string =>
  `trainer: ${stage} ${ablation}: no head at ${anchor} has an event that PatchTST, trees and neighbours all forecast. ` +
  'Train trees at that anchor, and write the test sequences from the same signals.'

async function save(
  context: Context,
  progress: Progress,
  { outputDir }: CompareRequest,
  comparison: Comparison,
): Promise<ComparisonResult> {
  const { cwd } = context
  const folder = absolute(cwd, outputDir)
  const path = join(folder, 'comparison.json')
  await withFolderLock(folder, { command: 'breakwater compare' }, () => {
    noteReplacedFiles(context, progress, [path])
    return replaceFile(path, `${JSON.stringify(comparison, null, 2)}\n`)
  })
  return { json: shown(cwd, path), comparison }
}
