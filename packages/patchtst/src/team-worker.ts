// Runs in a worker thread: one member of a training's team.
import { parentPort, workerData } from 'node:worker_threads'
import { createMember } from './training/member.ts'
import type { MemberInput, MemberTask } from './training/member.ts'

/** The message of a worker when a task is done. */
export type MemberAnswer = { readonly done: true } | { readonly error: Error }

const port = parentPort
if (port !== null) {
  const member = createMember(workerData as MemberInput)
  port.on('message', (task: MemberTask) => {
    member.work(task).then(
      () => port.postMessage({ done: true } satisfies MemberAnswer),
      (error: unknown) => port.postMessage({ error: error as Error } satisfies MemberAnswer),
    )
  })
}
