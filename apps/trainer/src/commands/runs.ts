import { examples } from '@breakwater/command-line'
import { runSummary } from '@breakwater/evaluation/sets'
import { findRuns } from '@breakwater/models/node'
import { runDifferenceText, runsTable } from '@breakwater/report'
import { ANCHORS } from '@breakwater/features'
import { Argument, type Command, Option } from 'commander'
import type { Context } from '../context.ts'
import { command, option } from '../options/option.ts'
import type { SharedFlags } from '../options/option.ts'
import { sameFolder, SHARED_OPTIONS } from '../options/table.ts'
import { absolute } from '../paths.ts'
import { runDifference } from '../versions/run-difference.ts'

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
    'List trained sets, what they serve and how much that saves beyond the law; or compare two of them, paired by session.',
  )
    .addArgument(new Argument('[action]', 'what to do').choices(['list', 'diff']).default('list'))
    .argument(
      '[a]',
      'with diff: a run, by its id, the beginning of its id, or the name of a set, for example stage_b_full',
    )
    .argument('[b]', 'with diff: the run to compare it with')
    .addOption(option(SHARED_OPTIONS.modelDir, 'where the sets are'))
    .addOption(
      option(SHARED_OPTIONS.dataPath, 'signals with the outcomes (default: those that B was trained on, or else A)'),
    )
    .option('--heads <names...>', 'with diff: print only these heads')
    .addOption(new Option('--anchors <names...>', 'with diff: heads of these anchors').choices(ANCHORS))
    .option('--all', 'with diff: print every head')
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

/** Runs `breakwater runs`. */
async function listRuns({ cwd, terminal }: Context, flags: Flags): Promise<void> {
  const { runs, unread } = await findRuns(absolute(cwd, flags.modelDir))
  const summaries = runs.map((run) => runSummary(run))
  for (const reason of unread) terminal.err(`${reason}\n`)
  if (flags.json === true) return terminal.out(`${JSON.stringify({ runs: summaries, unread }, null, 2)}\n`)
  const none = `no trained sets in ${flags.modelDir}: train one, or name another folder with --model-dir\nNext: breakwater train\n`
  const shownAs = { width: terminal.width, flags: sameFolder(flags.modelDir) }
  terminal.out(summaries.length === 0 ? none : runsTable(summaries, shownAs))
}

/** Runs `breakwater runs diff`. */
async function diffRuns(
  context: Context,
  [a, b]: readonly [string | undefined, string | undefined],
  flags: Flags,
): Promise<void> {
  const { terminal } = context
  if (a === undefined || b === undefined)
    throw new Error('trainer: runs diff: name two runs. `breakwater runs` lists them.')
  const { heads, anchors, all, modelDir, dataPath, schema: schemaPath, seed } = flags
  const difference = await runDifference(context, { modelDir, dataPath, schemaPath, seed, names: [a, b] })
  terminal.out(
    flags.json === true
      ? `${JSON.stringify(difference, null, 2)}\n`
      : runDifferenceText(difference, { width: terminal.width, flags: sameFolder(modelDir), heads, anchors, all }),
  )
}
