import type { Patience } from './patience.ts'

/** How a run ended: `killed` means that a person or the system stopped it. */
export type RunStatus = 'finished' | 'failed' | 'killed'

/** The jobs that record runs; each has an MLflow experiment of its own by default. */
export type JobName = 'boosted_trees' | 'retrieval' | 'calibration' | 'patchtst'

/** A setting of a run: set once, never changed. */
export type ParamValue = string | number | boolean | null

/** The description of a run when it starts. */
export interface RunStart {
  /** 32 lower-case hexadecimal digits, the same in every system. */
  readonly id: string
  readonly name: string
  readonly job: JobName
  /** The id of the run that this one is a part of. */
  readonly parent?: string
  /** What a person should read first, in Markdown: MLflow's description, W&B's notes. At most 8,000 characters. */
  readonly description?: string
  /** Facts to find the run by. */
  readonly tags: Readonly<Record<string, string>>
  /** True opens the run of this id again where the system has it (a resumed sweep's parent); default false. */
  readonly reopen?: boolean
}

/** One file of an artifact: a copy of `file` on disk, or `text` or `bytes` themselves, kept under `path`. */
export type ArtifactFile =
  | { readonly path: string; readonly file: string }
  | { readonly path: string; readonly text: string }
  | { readonly path: string; readonly bytes: Uint8Array }

/** Files that belong together, such as a model or a report. */
export interface Artifact {
  /** Letters, digits, `_`, `-` and `.`: the folder in MLflow, the artifact's name in W&B. */
  readonly name: string
  /** What it is: model, index, report, dataset, ...; the files of a `table` are tables, see `recordTable`. */
  readonly type: string
  /** At least one; paths are relative, with `/` between their parts, and differ. */
  readonly files: readonly ArtifactFile[]
  /** Facts about the artifact itself. */
  readonly metadata?: Readonly<Record<string, ParamValue>>
  /** Makes it the next version of the registered model of this name, where the system has a model registry. */
  readonly registerAs?: string
}

/** The data that a run reads. */
export interface DatasetInput {
  readonly name: string
  /** Hash of its content. */
  readonly digest: string
  /** What the run does with it. */
  readonly context: 'training' | 'evaluation'
  /** Where it came from, as a person would write it. */
  readonly source: string
  readonly rows: number
}

/**
 * An open run. Calls take effect in the order they are made, awaited or not. A value that breaks a rule is an error that
 * names it; after `end` every call is one.
 */
export interface TrackedRun {
  readonly id: string
  /** Where the run can be looked at, one line for each system that records it. */
  readonly places: readonly string[]
  /** Records settings. A key that has another value already is an error. Values are at most 6,000 characters long. */
  readonly params: (values: Readonly<Record<string, ParamValue>>) => Promise<void>
  /** Sets tags; a later value of a key replaces the earlier one. */
  readonly tags: (values: Readonly<Record<string, string>>) => Promise<void>
  /**
   * Records finite numbers at a step (epoch, fold, trial: a whole number of at least 0). Steps never go down within a
   * run; left out, the step is the last one, at first 0.
   */
  readonly metrics: (values: Readonly<Record<string, number>>, step?: number) => Promise<void>
  /** Keeps a copy of the files, as they are now. */
  readonly artifact: (artifact: Artifact) => Promise<void>
  readonly dataset: (input: DatasetInput) => Promise<void>
  /** Ends the run. Resolves when the record is complete, or safe on disk. */
  readonly end: (status: RunStatus) => Promise<void>
}

/** A system that records runs. */
export interface Tracker {
  /** Starts a run. The job waits for servers, now and at the end, only as long as `patience` has time; default for ever. */
  readonly start: (run: RunStart, patience?: Patience) => Promise<TrackedRun>
}

/** What a tracker takes from the process around it. */
export interface TrackerContext {
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** Says what went wrong with the record while the job continues. */
  readonly warn: (message: string) => void
}
