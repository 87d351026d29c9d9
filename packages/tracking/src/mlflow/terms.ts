import type { DatasetInput, RunStart, RunStatus } from '../tracker.ts'

/** How a run ended, in MLflow's words; the numbers are those of its meta.yaml. */
export const STATUSES: Readonly<Record<RunStatus | 'running', { readonly word: string; readonly code: number }>> = {
  running: { word: 'RUNNING', code: 1 },
  finished: { word: 'FINISHED', code: 3 },
  failed: { word: 'FAILED', code: 4 },
  killed: { word: 'KILLED', code: 5 },
}

/** The tag that our run ids stand in; MLflow's server makes ids of its own. */
export const RUN_ID_TAG = 'run_id'

/** The tags that MLflow's pages read, besides the run's own. `parent` is the parent's id in this MLflow. */
export function systemTags(run: RunStart, user: string, parent: string | undefined): Record<string, string> {
  const commit = run.tags['git_sha']
  return {
    'mlflow.runName': run.name,
    'mlflow.user': user,
    'mlflow.source.name': 'breakwater',
    'mlflow.source.type': 'LOCAL',
    ...(run.description === undefined ? {} : { 'mlflow.note.content': run.description }),
    ...(commit === undefined ? {} : { 'mlflow.source.git.commit': commit }),
    ...(parent === undefined ? {} : { 'mlflow.parentRunId': parent }),
  }
}

/** The tag by which MLflow's pages show artifacts as tables, and `mlflow.load_table` finds them. */
export const tableTag = (paths: readonly string[]): Record<string, string> => ({
  'mlflow.loggedArtifacts': JSON.stringify(paths.map((path) => ({ path, type: 'table' }))),
})

/** MLflow holds 36 characters of a data set's digest. */
const DIGEST_LENGTH = 36

/** A data set as MLflow describes it: all fields are text, some of them JSON. */
export interface MlflowDataset {
  readonly name: string
  readonly digest: string
  readonly source_type: string
  readonly source: string
  readonly profile: string
}

/** A data set in MLflow's words; of the digest it keeps the first 36 characters. */
export function mlflowDataset({ name, digest, source, rows }: DatasetInput): MlflowDataset {
  return {
    name,
    digest: digest.slice(0, DIGEST_LENGTH),
    source_type: 'local',
    source: JSON.stringify({ uri: source }),
    profile: JSON.stringify({ num_rows: rows }),
  }
}
