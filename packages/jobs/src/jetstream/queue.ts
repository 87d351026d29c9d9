import { type Bus, consumerOf, programKey, SUBJECTS, WORK } from './bus.ts'

/** Ids of the jobs of a run that are on the queue, those that workers have among them. */
export async function queuedJobs({ jsm }: Bus, run: string): Promise<Set<string>> {
  const { state } = await jsm.streams.info(WORK, { subjects_filter: SUBJECTS.work('*', run, '*') })
  return new Set(Object.keys(state.subjects ?? {}).map((subject) => subject.split('.').at(-1) as string))
}

/**
 * Ids among the queued jobs of a run that no worker gets any more. A server that is killed may come back with a message that its
 * consumer has as acknowledged: it then lies on the queue for ever. Those that a worker is at may be among them.
 */
export async function forgottenJobs(
  { jsm }: Bus,
  program: string,
  run: string,
  queued: ReadonlySet<string>,
): Promise<string[]> {
  const subject = (id: string): string => SUBJECTS.work(programKey(program), run, id)
  // Before the first worker of a program has come there is no consumer.
  const consumer = await jsm.consumers.info(WORK, consumerOf(program)).catch(() => null)
  if (consumer === null || queued.size === 0) return []
  const { state } = await jsm.streams.info(WORK, { subjects_filter: SUBJECTS.work(programKey(program), '*', '*') })
  const { num_pending: pending, num_ack_pending: atWork, delivered } = consumer
  if (Object.keys(state.subjects ?? {}).length <= pending + atWork) return []
  const found: string[] = []
  for (const id of queued) {
    const message = await jsm.streams.getMessage(WORK, { last_by_subj: subject(id) }).catch(() => null)
    if (message !== null && message.seq <= delivered.stream_seq) found.push(id)
  }
  return found
}
