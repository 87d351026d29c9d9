import type { DatasetInput, JobName } from './tracker.ts'

/** The MLflow experiment of each job, unless MLFLOW_EXPERIMENT_NAME names another. */
export const EXPERIMENTS: Readonly<Record<JobName, string>> = {
  boosted_trees: 'spymaster_boosted_trees',
  retrieval: 'spymaster_retrieval',
  calibration: 'spymaster_calibration',
  patchtst: 'spymaster_patchtst',
}

/** What a run's name is made of. */
export interface RunNameParts {
  readonly job: JobName
  /** Version of the schema of the columns. */
  readonly schemaVersion: string | number
  readonly stage: string
  readonly ablation: string
  /** Sessions that the run reads, in any order; their first and last are in the name. */
  readonly dates: readonly string[]
}

/** `{job}-v{schema}-{stage}-{ablation}-{first date}_{last date}`; without dates the last part is `no-dates`. */
export function runName({ job, schemaVersion, stage, ablation, dates }: RunNameParts): string {
  const sorted = dates.toSorted()
  const [first, last] = [sorted[0], sorted.at(-1)]
  const range = first === undefined || last === undefined ? 'no-dates' : `${first}_${last}`
  return `${job}-v${schemaVersion}-${stage}-${ablation}-${range}`
}

const JOBS: Readonly<Record<JobName, string>> = {
  boosted_trees: 'Boosted trees, trained by walk-forward',
  retrieval: 'Index of past touches, scored out of sample',
  calibration: 'Forecasts side by side on sessions never seen',
  patchtst: 'PatchTST, trained on sequences of bars',
}

/** What a run's description says beside its name. */
export interface RunDescriptionParts extends RunNameParts {
  readonly datasetHash: string
  readonly dataset?: DatasetInput | undefined
  readonly gitSha: string | null
}

/** What a run does and on what, as Markdown for a person. */
export function runDescription({
  job,
  stage,
  ablation,
  dates,
  datasetHash,
  dataset,
  gitSha,
}: RunDescriptionParts): string {
  const sorted = dates.toSorted()
  const sessions = sorted.length === 0 ? 'none' : `${sorted.length}, ${sorted[0]} to ${sorted.at(-1)}`
  const source = dataset === undefined ? '' : `, ${dataset.rows} rows from ${dataset.source}`
  return [
    `${JOBS[job]}: ${stage} ${ablation}.`,
    '',
    `- sessions: ${sessions}`,
    `- data: \`${datasetHash.slice(0, 12)}\`${source}`,
    ...(gitSha === null ? [] : [`- commit: \`${gitSha.slice(0, 12)}\``]),
  ].join('\n')
}

/** The facts that every run is tagged with. */
export interface RunFacts {
  readonly id: string
  readonly job: JobName
  readonly stage: string
  readonly ablation: string
  readonly schemaVersion: string | number
  /** Hash of the data set. */
  readonly datasetHash: string
  /** Commit of the code; null where it is not known, and then there is no such tag. */
  readonly gitSha: string | null
  /** The run that this one is a part of. */
  readonly parent?: string | undefined
}

/** The tags of a run, the same in every system. */
export function runTags(facts: RunFacts): Record<string, string> {
  return {
    run_id: facts.id,
    job: facts.job,
    stage: facts.stage,
    ablation: facts.ablation,
    schema_version: String(facts.schemaVersion),
    dataset_hash: facts.datasetHash,
    ...(facts.gitSha === null ? {} : { git_sha: facts.gitSha }),
    ...(facts.parent === undefined ? {} : { parent_run_id: facts.parent }),
  }
}

/** A fresh run id: 16 bytes of `random` as hexadecimal digits. */
export function newRunId(random: (bytes: Uint8Array) => Uint8Array): string {
  return Array.from(random(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
