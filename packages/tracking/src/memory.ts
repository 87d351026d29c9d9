import { checkStart, guardRun } from './guard.ts'
import type { Artifact, DatasetInput, ParamValue, RunStart, RunStatus, Tracker } from './tracker.ts'

/** One recorded value of a metric. */
export interface MetricPoint {
  readonly key: string
  readonly value: number
  readonly step: number
}

/** A run as it is held in memory. */
export interface RecordedRun {
  readonly start: RunStart
  readonly params: Readonly<Record<string, ParamValue>>
  readonly tags: Readonly<Record<string, string>>
  readonly metrics: readonly MetricPoint[]
  readonly artifacts: readonly Artifact[]
  readonly datasets: readonly DatasetInput[]
  /** Undefined while it is open. */
  readonly status: RunStatus | undefined
}

/** A tracker that keeps runs in memory, for tests and for programs that read the values themselves. */
export interface MemoryTracker extends Tracker {
  /** The runs in the order they started. */
  readonly runs: () => readonly RecordedRun[]
}

/** A tracker with no runs. Artifacts are kept as they were given: files are not copied. */
export function memoryTracker(): MemoryTracker {
  const runs = new Map<string, RecordedRun>()
  return {
    runs: () => [...runs.values()],
    start: async (run) => {
      checkStart(run)
      const { id } = run
      const before = run.reopen === true ? runs.get(id) : undefined
      let now: RecordedRun = before ?? {
        start: run,
        params: {},
        tags: {},
        metrics: [],
        artifacts: [],
        datasets: [],
        status: undefined,
      }
      const update = async (change: Partial<RecordedRun>): Promise<void> => {
        now = { ...now, ...change }
        runs.set(id, now)
      }
      await update({ tags: { ...now.tags, ...run.tags }, status: undefined })
      return guardRun(run, {
        places: [],
        params: (values) => update({ params: { ...now.params, ...values } }),
        tags: (values) => update({ tags: { ...now.tags, ...values } }),
        metrics: (values, step) =>
          update({
            metrics: [...now.metrics, ...Object.entries(values).map(([key, value]) => ({ key, value, step }))],
          }),
        artifact: (artifact) => update({ artifacts: [...now.artifacts, artifact] }),
        dataset: (input) => update({ datasets: [...now.datasets, input] }),
        end: (status) => update({ status }),
      })
    },
  }
}
