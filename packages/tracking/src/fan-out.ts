import type { RunStatus, TrackedRun, Tracker } from './tracker.ts'

/**
 * A tracker over several: each run is recorded in all of them. What fails in one is recorded in the others all the same,
 * and then thrown: one failure as it is, several as an AggregateError. Where a run does not start in one of them, it is
 * ended as failed in the others.
 */
export function fanOut(trackers: readonly Tracker[]): Tracker {
  return {
    start: async (run, patience) => {
      const started = await Promise.allSettled(trackers.map((tracker) => tracker.start(run, patience)))
      const runs = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
      if (runs.length < trackers.length) await Promise.allSettled(runs.map((open) => open.end('failed')))
      throwFailures(started)
      return fanOutRun(run.id, runs)
    },
  }
}

function fanOutRun(id: string, runs: readonly TrackedRun[]): TrackedRun {
  const all = async (write: (run: TrackedRun) => Promise<void>): Promise<void> => {
    throwFailures(await Promise.allSettled(runs.map((run) => write(run))))
  }
  return {
    id,
    places: runs.flatMap(({ places }) => places),
    params: (values) => all((run) => run.params(values)),
    tags: (values) => all((run) => run.tags(values)),
    metrics: (values, step) => all((run) => run.metrics(values, step)),
    artifact: (artifact) => all((run) => run.artifact(artifact)),
    dataset: (input) => all((run) => run.dataset(input)),
    end: (status: RunStatus) => all((run) => run.end(status)),
  }
}

function throwFailures(results: readonly PromiseSettledResult<unknown>[]): void {
  const failures = results.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : []))
  if (failures.length === 1) throw failures[0]
  if (failures.length > 1) {
    const messages = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure)))
    throw new AggregateError(failures, `tracking: ${failures.length} systems failed:\n${messages.join('\n')}`)
  }
}
