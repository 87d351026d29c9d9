export { dataHash, type JobData, openSignals, signalsFiles, type SignalsPlace } from './jobs/data.ts'
export { fitSetByJobs, type JobsOptions } from './jobs/fit-jobs.ts'
export { FOLD_JOB, foldBody, type FoldJobs, jobsOfFold, trainedBy } from './jobs/fold-jobs.ts'
export { program } from './jobs/program.ts'
