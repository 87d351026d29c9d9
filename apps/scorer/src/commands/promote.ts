import { randomInt } from 'node:crypto'
import { join, resolve } from 'node:path'
import { selectVersion, type Version, withFolderLock } from '@breakwater/formats/node'
import { checkVersion, findSets, findVersion } from '@breakwater/models/node'
import { gainOf, promotionFault } from '@breakwater/monitor'
import { promoteSet, readWatchState } from '@breakwater/monitor/node'
import { openTracker, readConfiguration, spoolFolder, type SystemName } from '@breakwater/tracking/node'
import type { Context } from '../context.ts'
import { type Promoted, recordVersion } from './record-version.ts'

interface FolderFlags {
  readonly modelDir: string
  readonly tracking: readonly string[]
}

/** Options of `breakwater promote` as commander gives them. */
export interface PromoteFlags extends FolderFlags {
  readonly challenger: string
  readonly set?: string
  readonly monitorState?: string
  readonly margin: number
  readonly force?: boolean
}

/** Options of `scorer rollback` as commander gives them. */
export interface RollbackFlags extends FolderFlags {
  readonly set: string
  readonly to?: string
}

/** Runs `breakwater promote`. Refused where the live gain may be a loss, unless it is forced. */
export async function runPromote(context: Context, flags: PromoteFlags): Promise<void> {
  const [from, to] = [resolve(context.cwd, flags.challenger), resolve(context.cwd, flags.modelDir)]
  const state = flags.monitorState === undefined ? null : await readWatchState(resolve(context.cwd, flags.monitorState))
  const gain = state?.challenger == null ? null : gainOf(state.challenger.gain)
  const fault = promotionFault(gain, flags.margin)
  if (fault !== null && flags.force !== true) {
    throw new Error(`scorer: not promoted: ${fault}. Let the challenger run longer, or pass --force.`)
  }
  const all = findSets(from, {}).map(({ stage, ablation }) => `metadata_${stage}_${ablation}`)
  const sets = flags.set === undefined ? all : [flags.set]
  const versions = await withFolderLock(to, { command: 'breakwater promote' }, async () => {
    const promoted: Version[] = []
    for (const set of sets) promoted.push(await promoteSet({ from, to, set }))
    return promoted
  })
  for (const version of versions)
    await tell(context, flags, version, { action: 'promote', from, forced: fault !== null })
  context.out(`Next: breakwater versions --model-dir ${flags.modelDir}\n`)
}

/** Runs `scorer rollback`. */
export async function runRollback(context: Context, flags: RollbackFlags): Promise<void> {
  const folder = resolve(context.cwd, flags.modelDir)
  const version = await withFolderLock(folder, { command: 'scorer rollback' }, async () => {
    const found = await findVersion({ folder, place: flags.modelDir, set: flags.set, to: flags.to })
    await checkVersion(found)
    await selectVersion(folder, found)
    return found
  })
  await tell(context, flags, version, { action: 'rollback', from: folder, forced: false })
  context.out(`Next: breakwater versions --model-dir ${flags.modelDir}\n`)
}

/** Says what became current, and records it as the next version of the registered model of its set. */
async function tell(
  { out, err, cwd, env, clock }: Context,
  { tracking }: FolderFlags,
  version: Version,
  { action, from, forced }: Promoted,
): Promise<void> {
  out(`${action}: ${version.pointer} is version ${version.id}; scorers take it at their next reload\n`)
  const systems = tracking.filter((system): system is SystemName => system === 'mlflow' || system === 'wandb')
  if (systems.length === 0) return
  const place = join(cwd, 'data/ml/tracking')
  const tracker = openTracker({
    configuration: readConfiguration({ systems, env, cwd, folder: place }),
    spool: spoolFolder(place),
    user: env['USER'] ?? '',
    env,
    clock,
    random: () => randomInt(2 ** 32) / 2 ** 32,
    show: (line) => err(`${line}\n`),
    replayCommand: 'breakwater track replay',
  })
  await recordVersion(tracker, version, { action, from, forced })
}
