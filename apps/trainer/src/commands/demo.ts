import { PRIMARY_ANCHOR, STAGES } from '@breakwater/features'
import { join } from 'node:path'
import { evaluationTable } from '@breakwater/report'
import { PLANTED, simulate, writeSimulation } from '@breakwater/simulator'
import type { Context } from '../context.ts'
import { evaluateModels } from '../evaluation/evaluate.ts'
import type { Evaluated } from '../evaluation/evaluate.ts'
import { absolute } from '../paths.ts'
import { createProgress } from '../progress.ts'
import type { Progress } from '../progress.ts'
import { loadSignals } from '../signals-file.ts'
import { makeSignals } from '../signals/make.ts'
import { openLocalTracking } from '../tracking/tracking.ts'
import { trainSets } from '../training/train.ts'

/** Options of `trainer demo` as commander gives them. */
export interface DemoFlags {
  readonly sessions: number
  readonly seed: number
  readonly outputDir: string
  readonly threads?: number
  readonly schema: string
  readonly quiet?: boolean
  readonly json?: boolean
}

// Enough to find what was planted, and quick: the demo is a first look, not a benchmark.
const DEMO_TREES = { rounds: 120, learningRate: 0.08, maxDepth: 4, earlyStoppingRounds: 15 }
const DEMO_FOLDS = 3
const DEMO_CALIBRATION_FOLDS = 1

/** Runs `trainer demo`: the whole job on simulated sessions. */
export async function runDemo(context: Context, flags: DemoFlags): Promise<void> {
  const progress = createProgress(context, flags.quiet === true)
  const evaluated = await demo(context, progress, flags)
  if (flags.json === true) {
    context.terminal.out(`${JSON.stringify(evaluated, null, 2)}\n`)
    return
  }
  const planted = PLANTED.map(({ column }) => column).join(', ')
  context.terminal.out(
    `\n${evaluationTable(evaluated.evaluation)}\nThe sessions are simulated; planted effects: ${planted}.\n` +
      `Nothing here says anything about real markets.\n\nreport: ${evaluated.html}\nfigures: ${evaluated.json}\n`,
  )
}

async function demo(context: Context, progress: Progress, flags: DemoFlags): Promise<Evaluated> {
  const folder = absolute(context.cwd, flags.outputDir)
  progress.note(`simulating ${flags.sessions} sessions, seed ${flags.seed}`)
  const files = await writeSimulation(folder, simulate({ sessions: flags.sessions, seed: flags.seed }))
  const output = join(folder, 'signals.parquet')
  await makeSignals(context, progress, { bars: [files.bars], physics: files.physics, output, settings: {} })
  const source = { schemaPath: flags.schema, paths: [output], defaultPath: output }
  const signals = await loadSignals(context, source)
  const tracking = openLocalTracking(context, progress, join(flags.outputDir, 'tracking'))
  const modelDir = join(folder, 'boosted_trees')
  for (const stage of STAGES) {
    await trainSets(context, progress, signals, {
      stage,
      ablation: 'full',
      plan: { folds: DEMO_FOLDS, embargoSessions: 0 },
      anchors: [PRIMARY_ANCHOR],
      trees: { ...DEMO_TREES, seed: flags.seed },
      threads: flags.threads,
      calibrationFolds: DEMO_CALIBRATION_FOLDS,
      outputDir: modelDir,
      tracking,
    })
  }
  return evaluateModels(context, progress, {
    modelDir,
    outputDir: join(folder, 'reports'),
    dataPath: [output],
    schemaPath: flags.schema,
    seed: flags.seed,
    notes: [
      `Simulated data: ${flags.sessions} sessions with planted effects of ${PLANTED.map(({ column }) => column).join(', ')}. ` +
        'The figures say that the pipeline finds what was planted; they say nothing about real markets.',
    ],
  })
}
