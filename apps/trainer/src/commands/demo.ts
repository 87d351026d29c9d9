import { PRIMARY_ANCHOR, STAGES } from '@breakwater/features'
import { withJobThreads } from '@breakwater/models/jobs'
import { join } from 'node:path'
import { evaluationTable } from '@breakwater/report'
import { PLANTED, simulate } from '@breakwater/simulator'
import { writeSimulation } from '@breakwater/simulator/node'
import type { Context } from '../context.ts'
import { evaluateModels } from '../evaluation/evaluate.ts'
import type { EvaluationResult } from '../evaluation/evaluate.ts'
import { absolute, DEFAULTS } from '../paths.ts'
import { createProgress, examples, wholeNumber } from '@breakwater/command-line'
import type { Progress } from '@breakwater/command-line'
import { loadSignals, placeOf } from '../signals-file.ts'
import { makeSignals } from '../signals/make.ts'
import { openLocalTracking } from '../tracking/tracking.ts'
import { trainSets } from '../training/train.ts'
import type { Command } from 'commander'
import { command, option } from '../options/option.ts'
import type { SharedFlags } from '../options/option.ts'
import { SHARED_OPTIONS } from '../options/table.ts'
import { DEMO_TREES } from '../options/trees.ts'

type Flags = SharedFlags<'seed' | 'threads' | 'schema'> & {
  readonly sessions: number
  readonly final: boolean
  readonly outputDir: string
}

const DEMO_FOLDS = 3
const DEMO_CALIBRATION_FOLDS = 1

/** The command `demo`. */
export function demoCommand(context: Context): Command {
  return command('demo', 'Simulate sessions with planted effects, then run signals, train and evaluate on them.')
    .option('--sessions <n>', 'sessions to simulate', wholeNumber(12), 40)
    .addOption(option(SHARED_OPTIONS.seed, 'seed of the simulation and of training'))
    .option('--no-final', 'serve the models of the last fold instead of models fitted on all sessions')
    .option('--output-dir <folder>', 'where everything goes', DEFAULTS.demo)
    .addOption(option(SHARED_OPTIONS.threads))
    .addOption(option(SHARED_OPTIONS.schema))
    .addHelpText('after', examples('trainer demo', 'trainer demo --sessions 60 --seed 11 --output-dir data/ml/demo-11'))
    .action((flags: Flags) => runDemo(context, flags))
}

/** Runs `breakwater demo`: the whole job on simulated sessions. */
async function runDemo(context: Context, flags: Flags): Promise<void> {
  const progress = createProgress(context, flags.quiet === true)
  const evaluated = await demo(context, progress, flags)
  if (flags.json === true) {
    context.terminal.out(`${JSON.stringify(evaluated, null, 2)}\n`)
    return
  }
  const planted = PLANTED.map(({ column }) => column).join(', ')
  // What the verdict would run next finds the sets of the default folder, not the demo's.
  const table = evaluationTable(evaluated.evaluation, { width: context.terminal.width, next: false })
  context.terminal.out(
    `\n${table}\nThe sessions are simulated; planted effects: ${planted}.\n` +
      `Nothing here says anything about real markets.\n\nreport: ${evaluated.html}\nfigures: ${evaluated.json}\n` +
      'Next: open the report, then breakwater check --bars <file> with bars of your own\n',
  )
}

async function demo(context: Context, progress: Progress, flags: Flags): Promise<EvaluationResult> {
  const folder = absolute(context.cwd, flags.outputDir)
  progress.note(`simulating ${flags.sessions} sessions, seed ${flags.seed}`)
  const files = await writeSimulation(folder, simulate({ sessions: flags.sessions, seed: flags.seed }))
  const output = join(folder, 'signals.parquet')
  await makeSignals(context, progress, {
    bars: [files.bars],
    reading: { repair: false },
    physics: files.physics,
    output,
    settings: {},
  })
  const source = { schemaPath: flags.schema, paths: [output], defaultPath: output }
  const signals = await loadSignals(context, source)
  const tracking = openLocalTracking(context, progress, join(flags.outputDir, 'tracking'))
  const modelDir = join(folder, 'boosted_trees')
  await withJobThreads(flags.threads, async (threads) => {
    for (const stage of STAGES) {
      await trainSets(context, progress, signals, {
        stage,
        ablation: 'full',
        plan: { folds: DEMO_FOLDS, embargoSessions: 0 },
        anchors: [PRIMARY_ANCHOR],
        trees: { ...DEMO_TREES, seed: flags.seed },
        threads,
        place: placeOf(context, source, signals),
        calibrationFolds: DEMO_CALIBRATION_FOLDS,
        final: flags.final,
        outputDir: modelDir,
        tracking,
        keepsJobs: stage !== STAGES.at(-1),
        // The demo writes a page of all its sets.
        report: false,
      })
    }
  })
  return evaluateModels(context, progress, {
    modelDir,
    outputDir: join(folder, 'reports'),
    dataPath: [output],
    schemaPath: flags.schema,
    seed: flags.seed,
    threads: flags.threads,
    notes: [
      `Simulated data: ${flags.sessions} sessions with planted effects of ${PLANTED.map(({ column }) => column).join(', ')}. ` +
        'The figures show that the pipeline finds what was planted; they say nothing about real markets.',
    ],
  })
}
