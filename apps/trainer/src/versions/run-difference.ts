import type { RunDifference } from '@breakwater/evaluation'
import { compareRuns, type LoadedRun } from '@breakwater/evaluation/sets'
import type { Signals } from '@breakwater/models'
import { chooseRun, findRuns, loadSet, type Run } from '@breakwater/models/node'
import type { Context } from '../context.ts'
import { absolute, shown } from '../paths.ts'
import { loadSignals, type SetSource, sourceOf } from '../signals-file.ts'

/** Two runs of a folder, by name. */
export interface RunPairRequest extends SetSource {
  readonly modelDir: string
  /** Ids, how these begin, or names of sets. */
  readonly names: readonly [a: string, b: string]
  readonly seed: number
}

/** What two runs serve on the rows of both. Throws where a name means no run or several, or both mean one. */
export async function runDifference(context: Context, request: RunPairRequest): Promise<RunDifference> {
  const { modelDir, names, seed } = request
  const { runs } = await findRuns(absolute(context.cwd, modelDir))
  const [a, b] = names
  const [one, other] = names.map((asked) => chooseRun(runs, asked, modelDir)) as [Run, Run]
  if (one === other) throw new Error(`trainer: runs diff ${a} ${b}: both name run ${one.id ?? one.name}. Name two.`)
  const pair = [await loadRun(one), await loadRun(other)] as const
  const signals = await outcomesOf(context, request, pair)
  return compareRuns({ a: pair[0], b: pair[1], signals, seed })
}

const loadRun = async (run: Run): Promise<LoadedRun & { readonly trained: Awaited<ReturnType<typeof loadSet>> }> => ({
  run,
  trained: await loadSet(run.folder, run.set),
})

/** The signals that one of two runs was trained on: B's where they are there. */
async function outcomesOf(
  context: Context,
  { schemaPath, dataPath }: SetSource,
  pair: readonly Awaited<ReturnType<typeof loadRun>>[],
): Promise<Signals> {
  const found: string[] = []
  for (const { trained } of pair.toReversed()) {
    const { dates, hash } = trained.details.data
    const source = sourceOf({ schemaPath, dataPath }, trained)
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
