import type { Msg, MsgCallback, NatsConnection, Subscription } from '@nats-io/transport-node'
import { SUBJECTS } from './bus.ts'

/** Tells the workers who are at one job apart, so that one of them alone does it. */
export interface Claims {
  /** Whether the job is ours to do: nobody else who lives works on it. */
  readonly take: (id: string) => Promise<boolean>
  readonly release: (id: string) => void
  /** The job is done and its result ours: whoever asks for it is told so, and `bring` is called, as long as it is among the last. */
  readonly keep: (id: string) => void
}

/** Who claims. */
export interface ClaimsOptions {
  readonly nats: NatsConnection
  readonly program: string
  readonly worker: string
  /** Brings a result that we keep to where it is looked for. Where it cannot, the job is anybody's again. */
  readonly bring: (id: string) => Promise<void>
}

/** How long an answer is waited for from a worker that does not answer: it counts as hung. */
const SILENCE_MS = 4000
/** After a first answer, how long for others. */
const LAG_MS = 50

/** Results that are answered for at most: what the bus lost is missed soon. */
const MAX_KEPT = 4096

const [ASKS, WORKS, HAS] = ['asks', 'works', 'has'] as const
type State = typeof ASKS | typeof WORKS | typeof HAS

/**
 * Claims by asking: whoever works on a job, or has its result, answers for it on the bus, and one that has died does not, whatever
 * the queue says or has lost. Of several that ask at once the first by name takes it. The connection must not echo.
 */
export function createClaims({ nats, program, worker, bring }: ClaimsOptions): Claims {
  const held = new Map<string, { readonly subscription: Subscription; state: State }>()
  const kept = new Set<string>()
  const release = (id: string): void => {
    held.get(id)?.subscription.unsubscribe()
    held.delete(id)
    kept.delete(id)
  }
  const bringOrRelease = async (id: string): Promise<void> => {
    try {
      await bring(id)
    } catch {
      release(id)
    }
  }
  const subscribe = (id: string): void => {
    const callback: MsgCallback<Msg> = (error, message) => {
      const claim = held.get(id)
      if (error !== null || claim === undefined) return
      message.respond(`${claim.state} ${worker}`)
      if (claim.state === HAS) void bringOrRelease(id)
    }
    held.set(id, { state: ASKS, subscription: nats.subscribe(SUBJECTS.claim(program, id), { callback }) })
  }
  const setState = (id: string, state: State): void => {
    const claim = held.get(id)
    if (claim !== undefined) claim.state = state
  }
  return {
    take: async (id) => {
      // Asked to do what we have: it is there no longer.
      if (kept.has(id)) release(id)
      // The connection does not echo: our own claim would not be heard.
      if (held.has(id)) return false
      subscribe(id)
      const subject = SUBJECTS.claim(program, id)
      const others = await answersTo(nats, subject)
      // One that was still asking when it answered may have begun since without having heard us.
      const taken = isFirst(worker, others) && (others.length === 0 || isFirst(worker, await answersTo(nats, subject)))
      if (taken) setState(id, WORKS)
      else release(id)
      return taken
    },
    release,
    keep: (id) => {
      setState(id, HAS)
      kept.add(id)
      const [oldest] = kept
      if (kept.size > MAX_KEPT && oldest !== undefined) release(oldest)
    },
  }
}

/** Whether a worker is the first by name of those who answer, and all of them merely ask. */
function isFirst(worker: string, answers: readonly string[]): boolean {
  return answers.every((answer) => {
    const [state, other = ''] = answer.split(' ')
    return state === ASKS && worker < other
  })
}

/** Whether anybody works on a job, or has its result. */
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
