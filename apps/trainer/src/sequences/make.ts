import { withFolderLock } from '@breakwater/formats/node'
import type { BarsSource } from '@breakwater/models'
import {
  checkBars,
  publishSequences,
  readSeries,
  SEQUENCES_POINTER,
  type SequenceOptions,
  type SequenceReport,
  touchSequences,
} from '@breakwater/models/sequences'
import { type Context, trainerVersion } from '../context.ts'
import { absolute, DEFAULTS, shown } from '../paths.ts'
import type { Progress } from '@breakwater/command-line'
import { noteReplaced } from '../versions/replaced.ts'
import { loadSignals } from '../signals-file.ts'

/** What to make sequences of. */
export interface SequencesRequest extends SequenceOptions {
  /** Undefined takes every session of the signals. */
  readonly dates: readonly string[] | undefined
  readonly dataPath: readonly string[] | undefined
  /** Undefined takes those that the signals were made from. */
  readonly bars: BarsSource | undefined
  readonly schemaPath: string | undefined
  readonly outputDir: string
}

/** What was written. */
export interface SequencesReport extends Pick<SequenceOptions, 'length' | 'channels' | 'anchor'> {
  readonly files: readonly SequenceReport[]
  /** Sessions of which no touch has a window. */
  readonly empty: readonly string[]
  readonly statics: readonly string[]
}

/**
 * Publishes one sequence file per session, all at once: the window of bars before each touch, its statics and labels. Throws `LockError` where
 * another process writes into the folder.
 */
export async function makeSequences(
  context: Context,
  progress: Progress,
  request: SequencesRequest,
): Promise<SequencesReport> {
  const { cwd, signal } = context
  const signals = await loadSignals(context, {
    schemaPath: request.schemaPath,
    paths: request.dataPath,
    defaultPath: DEFAULTS.signals,
    dates: request.dates,
  })
  const { dates } = signals
  const source = request.bars ?? signals.bars
  if (source === undefined) {
    throw new Error(
      `trainer: ${signals.files.join(', ')}: does not say which bars it was made from. Pass them with --bars.`,
    )
  }
  const step = progress.step('sequences', dates.length + 1)
  const files = source.files.map((path) => absolute(cwd, path))
  const series = await readSeries({ ...source, files }, signals.state, signal)
  checkBars(signals.table, series, source)
  const { length, channels, statics, anchor, horizons } = request
  const sequences = touchSequences(signals, series, { length, channels, statics, anchor, horizons })
  const folder = absolute(cwd, request.outputDir)
  const written = await withFolderLock(folder, { command: 'breakwater sequences' }, async () => {
    await noteReplaced(context, progress, { folder, pointer: SEQUENCES_POINTER })
    return publishSequences(sequences, {
      folder,
      dates,
      libraryVersion: trainerVersion(),
      signal,
      onSession: (date, done) => step.update(done + 1, date),
    })
  })
  const { empty } = written
  const reports = written.reports.map((report) => ({ ...report, file: shown(cwd, report.file) }))
  step.end(`${reports.reduce((sum, { samples }) => sum + samples, 0)} sequences in ${reports.length} files`)
  if (reports.length === 0) throw new Error(emptyMessage(empty))
  if (empty.length > 0)
    progress.note(`no file for ${empty.join(' ')}: no touch has a bar on which every channel is known`)
  return { files: reports, empty, length, channels, statics: sequences.statics.names, anchor }
}

const emptyMessage = (dates: readonly string[]): string =>
  `trainer: --date ${dates.join(' ')}: no touch has a bar on which every channel is known: the averages need sessions before ` +
  'these. Pass bars that begin earlier, or fewer --channels.'
