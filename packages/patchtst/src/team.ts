import { Worker } from 'node:worker_threads'
import { createMember } from './training/member.ts'
import type { Member, MemberInput, MemberTask } from './training/member.ts'
import type { MemberAnswer } from './team-worker.ts'

/** The threads of a training. */
export interface Team {
  /** Gives every member the task, and waits for all. */
  readonly work: (task: MemberTask) => Promise<void>
  readonly close: () => Promise<void>
}

// The sources run as .ts, the published package as .js: the worker has the extension of this file.
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js'

/** Starts the members: one thread works here, more in workers of their own. */
export function startTeam(input: Omit<MemberInput, 'index'>): Team {
  const members = Array.from({ length: input.threads }, (_, index) =>
    input.threads === 1 ? createMember({ ...input, index }) : startWorker({ ...input, index }),
  )
  return {
    work: async (task) => {
      const ends = await Promise.allSettled(members.map((member) => member.work(task)))
      for (const end of ends) if (end.status === 'rejected') throw end.reason
    },
    close: async () => {
      await Promise.all(members.map((member) => member.close()))
    },
  }
}

function startWorker(workerData: MemberInput): Member {
  const worker = new Worker(new URL(`./team-worker${EXTENSION}`, import.meta.url), { workerData })
  return {
    work: (task) =>
      new Promise((resolve, reject) => {
        const settle = (end: () => void): void => {
          worker.off('message', onMessage)
          worker.off('error', onError)
          end()
        }
        const onMessage = (answer: MemberAnswer): void =>
          settle('error' in answer ? () => reject(answer.error) : resolve)
        const onError = (error: Error): void => settle(() => reject(error))
        worker.on('message', onMessage)
        worker.on('error', onError)
        worker.postMessage(task)
      }),
    close: async () => {
      await worker.terminate()
    },
  }
}
