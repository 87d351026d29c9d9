import { listVersions, pruneVersions, selectVersion, type Version, withFolderLock } from '@breakwater/formats/node'
import { setName, setOfMetadataFile } from '@breakwater/models'
import { checkVersion, findVersion } from '@breakwater/models/node'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { command, option } from '../options/option.ts'
import { examples } from '@breakwater/command-line'
import type { SharedFlags } from '../options/option.ts'
import { sameFolder, SHARED_OPTIONS } from '../options/table.ts'
import { absolute, shown } from '../paths.ts'

const FOLDER = 'folder of the sets, an index (data/ml) or a PatchTST model (data/ml/patchtst)'

type VersionsFlags = SharedFlags<'modelDir'>
type RollbackFlags = SharedFlags<'modelDir'> & { readonly set?: string; readonly to?: string }
type PruneFlags = SharedFlags<'modelDir' | 'keepVersions'>

/** The command `versions`. */
export function versionsCommand(context: Context): Command {
  return command('versions', 'List the versions of trained sets, indexes and models, and mark the current ones.')
    .addOption(option(SHARED_OPTIONS.modelDir, FOLDER))
    .addHelpText('after', examples('trainer versions', 'trainer versions --model-dir data/ml --json'))
    .action((flags: VersionsFlags) => runVersions(context, flags))
}

/** The command `rollback`. */
export function rollbackCommand(context: Context): Command {
  return command('rollback', 'Make an older version of a set the current one, after checking all of its files.')
    .addOption(option(SHARED_OPTIONS.modelDir, FOLDER))
    .option('--set <name>', 'set, as `versions` names it (default: the only one)')
    .option('--to <id>', 'version, by its id or the beginning of its id (default: the one before the current one)')
    .addHelpText(
      'after',
      examples(
        'trainer rollback --set metadata_stage_b_full',
        'trainer rollback --model-dir data/ml/patchtst --to 3f2a',
      ),
    )
    .action((flags: RollbackFlags) => runRollback(context, flags))
}

/** The command `prune`. */
export function pruneCommand(context: Context): Command {
  return command('prune', 'Remove old versions; the current one of each set stays.')
    .addOption(option(SHARED_OPTIONS.modelDir, FOLDER))
    .addOption(option(SHARED_OPTIONS.keepVersions, 'number of versions of each set to keep, the current one included'))
    .addHelpText('after', examples('trainer prune', 'trainer prune --model-dir data/ml --keep-versions 1'))
    .action((flags: PruneFlags) => runPrune(context, flags))
}

/** Runs `breakwater versions`. */
async function runVersions(context: Context, flags: VersionsFlags): Promise<void> {
  const folder = absolute(context.cwd, flags.modelDir)
  const versions = await listVersions(folder)
  if (flags.json === true)
    return print(context, { versions: versions.map((version) => shownVersion(context, version)) })
  if (versions.length === 0) return say(context, noVersions(context, folder))
  const sets = new Set(versions.map(({ pointer }) => pointer)).size
  const [counts, files] = [counted(versions.length, 'version'), counted(sets, 'set')]
  say(context, [...versions.map(lineOf), '', `${counts} of ${files}`, nextOf(versions, flags)])
}

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`

const noVersions = ({ cwd }: Context, folder: string): string[] => [
  `no versions in ${shown(cwd, folder)}: training writes one each time`,
  'Next: breakwater train',
]

/** Goes back to a version before the current one where there is one; else looks at the runs of sets, or makes another version. */
function nextOf(versions: readonly Version[], { modelDir }: VersionsFlags): string {
  const older = versions.find(({ pointer }, at) =>
    versions.slice(0, at).some((newer) => newer.pointer === pointer && newer.isCurrent),
  )
  if (older !== undefined) return next(`rollback --set ${setName(older.pointer)}`, modelDir)
  const pointer = versions[0]?.pointer ?? ''
  return setOfMetadataFile(pointer) === null ? `Next: breakwater ${madeBy(setName(pointer))}` : next('runs', modelDir)
}

/** The command that writes versions of what is no trained set. */
function madeBy(name: string): string {
  if (name.startsWith('retrieval_index_')) return 'index'
  return { sequences: 'sequences', evaluation: 'evaluate', calibration: 'calibrate' }[name] ?? 'patchtst'
}

const next = (run: string, modelDir: string): string => `Next: breakwater ${run} ${sameFolder(modelDir)}`.trimEnd()

/** Runs `breakwater rollback`. */
async function runRollback(context: Context, flags: RollbackFlags): Promise<void> {
  const folder = absolute(context.cwd, flags.modelDir)
  const request = { folder, place: shown(context.cwd, folder), set: flags.set, to: flags.to }
  await findVersion(request)
  const { version, former } = await withFolderLock(folder, { command: 'breakwater rollback' }, async () => {
    const found = await findVersion(request)
    await checkVersion(found)
    const others = (await listVersions(folder)).filter(({ pointer }) => pointer === found.pointer)
    await selectVersion(folder, found)
    return { version: found, former: others.find(({ isCurrent }) => isCurrent) }
  })
  const current = { ...version, isCurrent: true }
  if (flags.json === true) return print(context, shownVersion(context, current))
  const set = setName(version.pointer)
  const undo = `breakwater rollback --set ${set} --to ${former?.id} ${sameFolder(flags.modelDir)}`.trimEnd()
  say(context, [
    lineOf(current),
    ...(former === undefined || former.id === version.id ? [] : [`\`${undo}\` undoes this`]),
    next(setOfMetadataFile(version.pointer) === null ? 'versions' : 'evaluate', flags.modelDir),
  ])
}

/** Runs `breakwater prune`. */
async function runPrune(context: Context, flags: PruneFlags): Promise<void> {
  const folder = absolute(context.cwd, flags.modelDir)
  const before = (await listVersions(folder)).length
  const removed =
    before === 0
      ? []
      : await withFolderLock(folder, { command: 'breakwater prune' }, () =>
          pruneVersions(folder, { keep: flags.keepVersions }),
        )
  if (flags.json === true) return print(context, { removed: removed.map((version) => shownVersion(context, version)) })
  if (before === 0) return say(context, noVersions(context, folder))
  const left = before - removed.length
  const verdict =
    removed.length === 0
      ? `nothing to remove: no set has more than ${counted(flags.keepVersions, 'version')}`
      : `${counted(removed.length, 'version')} removed, ${left} left`
  say(context, [...removed.map((version) => `removed ${lineOf(version)}`), verdict, next('versions', flags.modelDir)])
}

function say({ terminal }: Context, lines: readonly string[]): void {
  terminal.out(`${lines.join('\n')}\n`)
}

function print({ terminal }: Context, value: unknown): void {
  terminal.out(`${JSON.stringify(value, null, 2)}\n`)
}

const lineOf = ({ id, pointer, writtenAt, isCurrent }: Version): string =>
  `${setName(pointer)}  ${id}  ${new Date(writtenAt).toISOString()}${isCurrent ? '  current' : ''}`

/** A version as JSON shows it. */
function shownVersion({ cwd }: Context, { id, pointer, folder, writtenAt, isCurrent }: Version): object {
  const written = new Date(writtenAt).toISOString()
  return { set: setName(pointer), id, folder: shown(cwd, folder), written, current: isCurrent }
}
