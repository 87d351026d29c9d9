import { checkKeys, noKeys } from './keys.ts'
import type { Artifact, RunStart, TrackedRun } from './tracker.ts'
import { checkArtifact, checkDataset, checkId, checkMetrics, checkParams, checkTags } from './rules.ts'

/** The part of a run that a sink writes itself: every value was checked, the step is always given. */
export interface SinkRun extends Omit<TrackedRun, 'id' | 'metrics'> {
  readonly metrics: (values: Readonly<Record<string, number>>, step: number) => Promise<void>
}

/**
 * A run that keeps the rules of {@link TrackedRun} for a sink: checks what comes in at once, then lets the sink write
 * one thing after another in the order of the calls.
 */
export function guardRun({ id }: RunStart, sink: SinkRun): TrackedRun {
  const params = new Map<string, string>()
  const artifacts = new Set<string>()
  const used = { params: noKeys(), tags: noKeys(), metrics: noKeys() }
  let step = 0
  let ended = false
  let queue: Promise<unknown> = Promise.resolve()
  const inOrder = (write: () => Promise<void>): Promise<void> => {
    const done = queue.then(write)
    // A failed write is its caller's to know; the next one is tried all the same.
    queue = done.catch(() => undefined)
    return done
  }
  const checked = async (check: () => void, write: () => Promise<void>): Promise<void> => {
    if (ended) throw new Error(`tracking: run ${id} has ended: nothing can be recorded any more. End it last.`)
    check()
    await inOrder(write)
  }
  return {
    id,
    places: sink.places,
    params: (values) =>
      checked(
        () => checkParams(values, params, used.params),
        () => sink.params(values),
      ),
    tags: (values) =>
      checked(
        () => checkTags(values, used.tags),
        () => sink.tags(values),
      ),
    metrics: (values, at = step) =>
      checked(
        () => {
          checkMetrics(values, at, step)
          checkKeys('metrics', values, used.metrics)
          step = at
        },
        () => sink.metrics(values, at),
      ),
    artifact: (artifact: Artifact) =>
      checked(
        () => checkArtifact(artifact, artifacts),
        () => sink.artifact(artifact),
      ),
    dataset: (input) =>
      checked(
        () => checkDataset(input),
        () => sink.dataset(input),
      ),
    end: (status) =>
      checked(
        () => {
          ended = true
        },
        () => sink.end(status),
      ),
  }
}

/** Checks what a run is started with. Throws what is wrong. */
export function checkStart({ id, name, parent, tags, description }: RunStart): void {
  checkId('id', id)
  if (parent !== undefined) checkId('parent', parent)
  if (name.trim() === '') throw new RangeError('tracking: name="": a run needs a name. Make one with runName().')
  checkTags(tags, noKeys())
  if (description !== undefined) checkTags({ description }, noKeys())
}
