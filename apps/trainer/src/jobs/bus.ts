import { busPlace, type WorkersFlags } from '@breakwater/command-line'
import type { ExecutorRequest } from '@breakwater/models/jobs'
import type { Context } from '../context.ts'
import { absolute } from '../paths.ts'

/** The bus of a command that may give its work to workers; undefined where it does not. */
export function busOf({ cwd, env }: Context, { workers, dataDir, ...flags }: WorkersFlags): ExecutorRequest['bus'] {
  if (workers === undefined) return undefined
  const sharedFolder = dataDir === undefined ? null : absolute(cwd, dataDir)
  return { address: busPlace(cwd, workers, flags), env, sharedFolder }
}
