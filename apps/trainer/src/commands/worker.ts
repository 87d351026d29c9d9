import { availableParallelism } from 'node:os'
import { serveJobs } from '@breakwater/jobs/jetstream'
import { program } from '@breakwater/models/jobs'
import { addBusOptions, type BusFlags, busPlace, createProgress, examples, wholeNumber } from '@breakwater/command-line'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { command, option, type SharedFlags } from '../options/option.ts'
import { SHARED_OPTIONS } from '../options/table.ts'
import { absolute, DEFAULTS } from '../paths.ts'

type Flags = SharedFlags<'threads'> &
  BusFlags & { readonly nats?: readonly string[]; readonly dataDir: string; readonly stallMinutes: number }

/** The command `worker`. */
export function workerCommand(context: Context): Command {
  const worker = command(
    'worker',
    'Run jobs that `train`, `index` and `sweep` hand out with --workers, until stopped by SIGTERM.',
  )
    .option('--nats <urls...>', 'NATS servers with JetStream (default: $NATS_URL, or nats://127.0.0.1:4222)')
    .option('--data-dir <folder>', 'folder for data and results, which starters and workers may share', DEFAULTS.worker)
    .addOption(
      option(
        SHARED_OPTIONS.threads,
        'number of jobs to run at a time, each on its own thread (default: all processors)',
      ),
    )
    .option(
      '--stall-minutes <n>',
      'give up on a job that has reported no progress for this many minutes',
      wholeNumber(1),
      15,
    )
  return addBusOptions(worker)
    .addHelpText('after', examples('trainer worker --nats nats://queue:4222 --data-dir shared --threads 8'))
    .action((flags: Flags) => runWorker(context, flags))
}

/** Runs `breakwater worker`. */
async function runWorker(context: Context, flags: Flags): Promise<void> {
  const { env, cwd, signal } = context
  const progress = createProgress(context, flags.quiet === true)
  await serveJobs({
    address: busPlace(cwd, flags.nats, flags),
    env,
    module: import.meta.resolve('@breakwater/models/jobs'),
    program: program.version,
    folder: absolute(cwd, flags.dataDir),
    threads: flags.threads ?? availableParallelism(),
    log: progress,
    clock: context.clock,
    drain: signal,
    stallMs: flags.stallMinutes * 60_000,
  })
}
