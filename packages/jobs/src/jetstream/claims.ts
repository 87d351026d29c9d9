import type { NatsConnection, Subscription } from '@nats-io/transport-node'
import { SUBJECTS } from './bus.ts'

/** Tells the workers who are at one job apart, so that one of them alone does it. */
export interface Claims {
  /** Whether the job is ours to do: nobody else who lives works on it. */
  readonly take: (id: string) => Promise<boolean>
  readonly release: (id: string) => void
}

/** How long an answer is waited for from a worker that does not answer: it counts as hung. */
const SILENCE_MS = 4000
/** After a first answer, how long for others. */
const LAG_MS = 50

const [ASKS, WORKS] = ['asks', 'works'] as const

/**
 * Claims by asking: whoever works on a job answers for it on the bus, and one that has died does not, whatever the queue says or has
 * lost. Of several that ask at once the first by name takes it. The connection must not echo.
 */
export function createClaims(nats: NatsConnection, program: string, worker: string): Claims {
  const held = new Map<string, { readonly subscription: Subscription; state: typeof ASKS | typeof WORKS }>()
  const release = (id: string): void => {
    held.get(id)?.subscription.unsubscribe()
    held.delete(id)
  }
  return {
    take: async (id) => {
      // The connection does not echo: our own claim would not be heard.
      if (held.has(id)) return false
      const subject = SUBJECTS.claim(program, id)
      const claim = {
        state: ASKS as typeof ASKS | typeof WORKS,
        subscription: nats.subscribe(subject, {
          callback: (error, message) => {
            if (error === null) message.respond(`${claim.state} ${worker}`)
          },
        }),
      }
      held.set(id, claim)
      const isOurs = (answers: readonly string[]): boolean =>
        answers.every((answer) => {
          const [state, other = ''] = answer.split(' ')
          return state === ASKS && worker < other
        })
      const others = await answersTo(nats, subject)
      // One that was still asking when it answered may have begun since without having heard us.
      const taken = isOurs(others) && (others.length === 0 || isOurs(await answersTo(nats, subject)))
      if (taken) claim.state = WORKS
      else release(id)
      return taken
    },
    release,
  }
}

/** Whether anybody works on a job. */
export async function isClaimed(nats: NatsConnection, program: string, id: string): Promise<boolean> {
  return (await answersTo(nats, SUBJECTS.claim(program, id))).length > 0
}

async function answersTo(nats: NatsConnection, subject: string): Promise<string[]> {
  const answers: string[] = []
  try {
    const replies = await nats.requestMany(subject, '', { strategy: 'stall', maxWait: SILENCE_MS, stall: LAG_MS })
    for await (const reply of replies) answers.push(reply.string())
  } catch {
    // Nobody listens.
  }
  return answers
}
