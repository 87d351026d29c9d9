import { createRequire } from 'node:module'
import { type Program, programVersion } from '@breakwater/jobs'
import { type JobData, openData } from './data.ts'
import { baseBody, FOLD_JOBS, foldBody, lawBody } from './fold-jobs.ts'
import { INDEX_JOB, indexBody } from './index-jobs.ts'
import { columnsBody, SERVING_JOBS, servingBody } from './serving-jobs.ts'

/** The packages whose code makes results. */
const MODULES = [
  '@breakwater/calibration',
  '@breakwater/features',
  '@breakwater/formats',
  '@breakwater/jobs',
  '@breakwater/passage',
  '@breakwater/retrieval',
  '@breakwater/splits',
  '@breakwater/trees',
  '@breakwater/viewport',
]

let version: string | undefined

/** What computes the jobs of training. Threads and workers load it from this module. */
export const program: Program<JobData> = {
  /** Made when it is asked for: it reads every file of code. */
  get version() {
    version ??= programVersion({
      release: (createRequire(import.meta.url)('@breakwater/models/package.json') as { readonly version: string })
        .version,
      modules: [import.meta.resolve('@breakwater/models'), ...MODULES.map((name) => import.meta.resolve(name))],
    })
    return version
  },
  bodies: {
    [FOLD_JOBS.heads]: foldBody,
    [FOLD_JOBS.base]: baseBody,
    [FOLD_JOBS.law]: lawBody,
    [SERVING_JOBS.serving]: servingBody,
    [SERVING_JOBS.columns]: columnsBody,
    [INDEX_JOB]: indexBody,
  },
  open: openData,
}
