import type { BusState, RunState } from './admin.ts'
import { short } from './bus.ts'

const MAX_FAILURES = 10

/**
 * The state of a bus for a person, and the command to run next, with the `flags` by which it finds the same bus, such as
 * `--nats nats://queue:4222`; `now` is in milliseconds since 1970.
 */
export function busText({ runs, workers }: BusState, now: number, flags: string = ''): string {
  const lines = [
    workers.length === 0 ? 'no workers' : `${workers.length} ${workers.length === 1 ? 'worker' : 'workers'}`,
    ...workers.map(
      ({ worker, threads, done, failed, draining, jobs, program }) =>
        `  ${worker}: ${threads} ${threads === 1 ? 'thread' : 'threads'}, ${jobs.length} at work, ${done} done, ${failed} failed` +
        `${draining ? ', draining' : ''}; ${program}`,
    ),
    '',
    ...(runs.length === 0 ? ['no runs'] : runs.flatMap((run) => runLines(run, now))),
    '',
    ...nextLines({ runs, workers }, flags),
  ]
  return `${lines.join('\n')}\n`
}

/** What stands in the way first: jobs without a worker, failures, jobs that wait; then what makes a run. */
function nextLines({ runs, workers }: BusState, flags: string): string[] {
  const waiting = runs.filter(({ state }) => state === 'waiting')
  const failed = runs.find(({ failures, state }) => failures.length > 0 && state !== 'cancelled')
  const next = (command: string): string => `Next: breakwater ${command} ${flags}`.trimEnd()
  if (waiting.length > 0 && workers.length === 0) return ['Jobs wait for a worker.', next('worker')]
  if (failed !== undefined) return ['Jobs failed.', next(`jobs retry ${short(failed.run)}`)]
  if (waiting.length > 0) return ['No job has failed; some are still to be done.', next('jobs')]
  if (workers.length === 0) return ['No job is left, and no worker is there.', next('worker')]
  return ['No job is left; the workers are free.', 'Next: breakwater train --workers <urls>']
}

function runLines({ run, command, state, total, queued, atWork, failures, since }: RunState, now: number): string[] {
  const left = queued + failures.length
  const counts = `${total} jobs, ${Math.max(0, total - left)} done, ${queued} queued (${atWork} at work), ${failures.length} failed`
  const shown = failures.slice(0, MAX_FAILURES)
  const more = failures.length - shown.length
  return [
    `run ${short(run)} ${state} since ${ageOf(now - since)}: ${counts}`,
    `  ${command}`,
    ...shown.map(
      ({ id, reason, worker, deliveries }) => `  failed ${short(id)} on ${worker}, delivery ${deliveries}: ${reason}`,
    ),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ]
}

function ageOf(ms: number): string {
  const minutes = Math.floor(Math.max(0, ms) / 60_000)
  if (minutes < 1) return 'less than a minute'
  if (minutes < 120) return `${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`
  return `${Math.floor(minutes / 60)} hours`
}
