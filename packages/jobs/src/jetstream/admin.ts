import { type Bus, programKey, short, SUBJECTS, WORK } from './bus.ts'
import { type DeadRecord, recordsOf, type RunRecord, type WorkerRecord } from './records.ts'
import { queuedJobs } from './queue.ts'

/** A run with what became of its jobs. */
export interface RunState extends Omit<RunRecord, 'state'> {
  /** `waiting` is a run whose jobs are queued or at work, whether its starter lives or not. */
  readonly state: 'waiting' | 'done' | 'cancelled'
  /** Jobs on the queue, those that workers have among them. */
  readonly queued: number
  readonly atWork: number
  readonly failures: readonly DeadRecord[]
}

/** The state of everything that jobs keep on the bus. */
export interface BusState {
  readonly runs: readonly RunState[]
  readonly workers: readonly WorkerRecord[]
}

/** Reads the state of all runs, the newest first, and of all workers that live. */
export async function busState(bus: Bus): Promise<BusState> {
  const workers = await recordsOf(bus, 'workers', 'worker', 'worker.*')
  const dead = await recordsOf(bus, 'runs', 'dead', 'dead.*.*')
  const runs: RunState[] = []
  for (const record of await recordsOf(bus, 'runs', 'run', 'run.*')) {
    const queued = (await queuedJobs(bus, short(record.run))).size
    runs.push({
      ...record,
      state: record.state === 'running' ? 'waiting' : record.state,
      queued,
      atWork: workers.flatMap(({ jobs }) => jobs).filter(({ run }) => run === record.run).length,
      failures: dead.filter(({ envelope }) => envelope.run === record.run),
    })
  }
  return { runs: runs.toSorted((a, b) => b.since - a.since), workers }
}

/** Queues the failed jobs of a run again. Resolves to how many there were. */
export async function retryRun(bus: Bus, run: string): Promise<number> {
  const { failures } = await findRun(bus, run)
  for (const { id, envelope } of failures) {
    const key = `dead.${short(envelope.run)}.${id}`
    await bus.runs.delete(key)
    await bus.js.publish(
      SUBJECTS.work(programKey(envelope.job.program), short(envelope.run), id),
      JSON.stringify(envelope),
    )
  }
  return failures.length
}

/** Takes the jobs of a run off the queue, and stops those at work. Results that are there stay. Resolves to how many were queued. */
export async function cancelRun(bus: Bus, run: string): Promise<number> {
  const { state: _state, queued: _queued, atWork: _atWork, failures: _failures, ...record } = await findRun(bus, run)
  const cancelled: RunRecord = { ...record, state: 'cancelled' }
  await bus.runs.put(`run.${short(record.run)}`, JSON.stringify(cancelled))
  const { purged } = await bus.jsm.streams.purge(WORK, { filter: SUBJECTS.work('*', short(record.run), '*') })
  return purged
}

async function findRun(bus: Bus, run: string): Promise<RunState> {
  const { runs } = await busState(bus)
  const found = runs.filter((each) => each.run.startsWith(run))
  const [first] = found
  if (first !== undefined && found.length === 1) return first
  const names = runs.map((each) => short(each.run)).join(', ')
  throw new Error(
    `jobs: run=${run}: ${found.length === 0 ? 'there is no such run' : 'begins several runs'}. ` +
      (names === '' ? 'There is none on this bus.' : `Name one of ${names}.`),
  )
}
