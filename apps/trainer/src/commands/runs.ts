import { examples } from '@breakwater/command-line'
import type { RunDifference } from '@breakwater/evaluation'
import { compareRuns, type LoadedRun, runSummary } from '@breakwater/evaluation/sets'
import type { Signals } from '@breakwater/models'
import { chooseRun, findRuns, loadSet, type Run } from '@breakwater/models/node'
import { runDifferenceText, runsTable } from '@breakwater/report'
import { ANCHORS } from '@breakwater/features'
import { Argument, type Command, Option } from 'commander'
import type { Context } from '../context.ts'
import { command, option } from '../options/option.ts'
import type { SharedFlags } from '../options/option.ts'
import { SHARED_OPTIONS } from '../options/table.ts'
import { absolute, shown } from '../paths.ts'
import { loadSignals, sourceOf } from '../signals-file.ts'

type Flags = SharedFlags<'modelDir' | 'dataPath' | 'schema' | 'seed'> & {
  readonly heads?: readonly string[]
  readonly anchors?: readonly string[]
  readonly all?: boolean
}
type Action = 'list' | 'diff'

/** The command `runs`. */
export function runsCommand(context: Context): Command {
  return command(
    'runs',
    'List trained sets with what they serve and how much that saves beyond the law; compare two of them, paired by session.',
  )
    .addArgument(new Argument('[action]', 'what to do').choices(['list', 'diff']).default('list'))
    .argument('[a]', 'with diff: a run, by its id, how that begins, or the name of a set, as in stage_b_full')
    .argument('[b]', 'with diff: the run to compare it with')
    .addOption(option(SHARED_OPTIONS.modelDir, 'where the sets are'))
    .addOption(
      option(SHARED_OPTIONS.dataPath, 'signals that hold the outcomes (default: those that B, or A, was trained on)'),
    )
    .option('--heads <names...>', 'with diff: only these heads')
    .addOption(new Option('--anchors <names...>', 'with diff: heads of these anchors').choices(ANCHORS))
    .option('--all', 'with diff: every head')
    .addOption(option(SHARED_OPTIONS.seed))
    .addOption(option(SHARED_OPTIONS.schema))
    .addHelpText(
      'after',
      examples('trainer runs', 'trainer runs diff 3f2a 91bc', 'trainer runs diff stage_a_full stage_b_full --json'),
    )
    .action((action: Action, a: string | undefined, b: string | undefined, flags: Flags) =>
      action === 'list' ? listRuns(context, flags) : diffRuns(context, [a, b], flags),
    )
}

/** Runs `trainer runs`. */
async function listRuns({ cwd, terminal }: Context, flags: Flags): Promise<void> {
  const { runs, unread } = await findRuns(absolute(cwd, flags.modelDir))
  const summaries = runs.map((run) => runSummary(run))
  for (const reason of unread) terminal.err(`${reason}\n`)
  if (flags.json === true) return terminal.out(`${JSON.stringify({ runs: summaries, unread }, null, 2)}\n`)
  const none = `no trained sets in ${flags.modelDir}: run \`trainer train\`, or name another folder with --model-dir\n`
  terminal.out(summaries.length === 0 ? none : runsTable(summaries, { width: terminal.width }))
}

/** Runs `trainer runs diff`. */
async function diffRuns(
  context: Context,
  [a, b]: readonly [string | undefined, string | undefined],
  flags: Flags,
): Promise<void> {
  const { cwd, terminal } = context
  if (a === undefined || b === undefined)
    throw new Error('trainer: runs diff: name two runs. `trainer runs` lists them.')
  const { runs } = await findRuns(absolute(cwd, flags.modelDir))
  const [one, other] = [a, b].map((asked) => chooseRun(runs, asked, flags.modelDir)) as [Run, Run]
  if (one === other) throw new Error(`trainer: runs diff ${a} ${b}: both name run ${one.id ?? one.name}. Name two.`)
  const pair = [await loadRun(one), await loadRun(other)] as const
  const signals = await outcomesOf(context, flags, pair)
  const difference: RunDifference = compareRuns({ a: pair[0], b: pair[1], signals, seed: flags.seed })
  const { heads, anchors, all } = flags
  terminal.out(
    flags.json === true
      ? `${JSON.stringify(difference, null, 2)}\n`
      : runDifferenceText(difference, { width: terminal.width, heads, anchors, all }),
  )
}

const loadRun = async (run: Run): Promise<LoadedRun & { readonly trained: Awaited<ReturnType<typeof loadSet>> }> => ({
  run,
  trained: await loadSet(run.folder, run.set),
})

/** The signals that one of two runs was trained on: B's where they are there. */
async function outcomesOf(
  context: Context,
  { schema, dataPath }: Flags,
  pair: readonly Awaited<ReturnType<typeof loadRun>>[],
): Promise<Signals> {
  const found: string[] = []
  for (const { trained } of pair.toReversed()) {
    const { dates, hash } = trained.details.data
    const source = sourceOf({ schemaPath: schema, dataPath }, trained)
    const signals = await loadSignals(context, { ...source, dates })
    if (signals.hash === hash) return signals
    found.push(
      `${signals.files.map((file) => shown(context.cwd, file)).join(', ')} (hash ${signals.hash.slice(0, 12)})`,
    )
  }
  const [a, b] = pair.map(({ trained }) => trained.details.data.hash.slice(0, 12))
  throw new Error(
    `trainer: runs diff: the signals of neither run are there: A was trained on ${a}, B on ${b}; found ${[...new Set(found)].join('; ')}. ` +
      'Pass the file of one of them with --data-path.',
  )
}
