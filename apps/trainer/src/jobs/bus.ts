import { busPlace, type Progress, type Step, type WorkersFlags } from '@breakwater/command-line'
import { type ExecutorRequest, type JobsOptions, program } from '@breakwater/models/jobs'
import type { Context } from '../context.ts'
import { absolute } from '../paths.ts'

/** The bus of a command that may give its work to workers; undefined where it does not. */
export function busOf({ cwd, env }: Context, { workers, dataDir, ...flags }: WorkersFlags): ExecutorRequest['bus'] {
  if (workers === undefined) return undefined
  const sharedFolder = dataDir === undefined ? null : absolute(cwd, dataDir)
  return { address: busPlace(cwd, workers, flags), env, sharedFolder }
}

/** How jobs are done for a command: under its version, until it is interrupted, with their progress as that of a step. */
export function jobsOf({ signal }: Context, progress: Progress, step: Step): Omit<JobsOptions, 'executor' | 'results'> {
  return {
    program: program.version,
    signal,
    onNote: (message) => progress.note(message),
    onProgress: ({ done, total, detail }) => step.update(done / total, detail),
  }
}
