import { join } from 'node:path'
import { createProgress, examples } from '@breakwater/command-line'
import { auditSignals } from '@breakwater/evaluation'
import { buildSignals, SIGNAL_DEFAULTS, type SignalSettings, type Table } from '@breakwater/features'
import { loadSchema, readBars, readSignals, readTable } from '@breakwater/features/parquet'
import { replaceFile } from '@breakwater/formats/node'
import { readOptionsOf, SETTINGS_KEY } from '@breakwater/models'
import { auditText, renderAuditPage } from '@breakwater/report'
import type { Command } from 'commander'
import { addBarOptions, type BarFlags, readingOf } from '../bars/reading.ts'
import type { Context } from '../context.ts'
import { command, option } from '../options/option.ts'
import type { SharedFlags } from '../options/option.ts'
import { SHARED_OPTIONS } from '../options/table.ts'
import { absolute, DEFAULTS, existing, shown } from '../paths.ts'
import { schemaFile } from '../signals-file.ts'
import { noteReplacedFiles } from '../versions/replaced.ts'

type Flags = BarFlags &
  SharedFlags<'dataPath' | 'schema'> & {
    readonly bars?: readonly string[]
    readonly physics?: string
    readonly outputDir: string
  }

/** The command `audit`. */
export function auditCommand(context: Context): Command {
  const made = command('audit', 'Look for columns of the signals that reveal what had not happened yet.')
    .addOption(option(SHARED_OPTIONS.dataPath))
    .option('--bars <paths...>', 'the bars that the signals were made from: history is cut off and replayed')
    .option('--physics <file>', 'the physics that the signals were made with, used in the replay')
    .option('--output-dir <folder>', 'where audit.json and audit.html go', DEFAULTS.reports)
    .addOption(option(SHARED_OPTIONS.schema))
  return addBarOptions(made, 'repair bad bars, as for the signals')
    .addHelpText(
      'after',
      examples(
        'trainer audit --data-path signals.parquet --bars SPY_1min.csv --timezone America/New_York',
        'trainer audit --data-path signals.parquet --schema features.json --json',
      ),
    )
    .action((flags: Flags) => runAudit(context, flags))
}

/** Runs `breakwater audit`. Throws where a leak was found. */
async function runAudit(context: Context, flags: Flags): Promise<void> {
  const { cwd, signal } = context
  const progress = createProgress(context, flags.quiet === true)
  const step = progress.step('audit signals', 1)
  const schema = await loadSchema(schemaFile(cwd, flags.schema))
  const paths = (flags.dataPath ?? [DEFAULTS.signals]).map((path) => absolute(cwd, path))
  const { table, metadata, files } = await readSignals({ schema, paths })
  const settings = JSON.parse(metadata[SETTINGS_KEY] ?? '{}') as Partial<SignalSettings>
  const replay = flags.bars === undefined ? undefined : await historyOf(context, flags, flags.bars, settings)
  const audit = { ...auditSignals({ schema, table, replay }), files: files.map((file) => shown(cwd, file)) }
  step.end(`${audit.features} features`)
  const folder = absolute(cwd, flags.outputDir)
  const written = ['audit.json', 'audit.html'].map((file) => join(folder, file))
  noteReplacedFiles(context, progress, written)
  await replaceFile(join(folder, 'audit.json'), `${JSON.stringify(audit, null, 2)}\n`, { signal })
  await replaceFile(join(folder, 'audit.html'), renderAuditPage(audit), { signal })
  const page = shown(cwd, join(folder, 'audit.html'))
  context.terminal.out(
    flags.json === true
      ? `${JSON.stringify(audit, null, 2)}\n`
      : `${auditText(audit)}report: ${page}\n${audit.clean ? 'Next: breakwater train\n' : ''}`,
  )
  if (!audit.clean) throw new Error('trainer: the signals have columns that reveal what had not happened yet.')
}

/** Bars, and how signals are made of some of them. */
async function historyOf(
  { cwd, signal }: Context,
  flags: Flags,
  paths: readonly string[],
  settings: Partial<SignalSettings>,
): Promise<NonNullable<Parameters<typeof auditSignals>[0]['replay']>> {
  const found = paths.map((path) =>
    existing(cwd, path, `missing bars: ${path} does not exist. Pass their path with --bars.`),
  )
  const { bars } = await readBars(found, { ...readOptionsOf(readingOf(flags)), signal })
  const physics: Table | undefined =
    flags.physics === undefined ? undefined : (await readTable(absolute(cwd, flags.physics))).table
  return {
    bars,
    build: (some) => buildSignals(some, { ...settings, ...(physics === undefined ? {} : { physics }) }).table,
    warmupSessions: settings.warmupSessions ?? SIGNAL_DEFAULTS.warmupSessions,
  }
}
