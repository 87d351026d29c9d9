import type { SessionPart } from '../../session/memory.ts'
import type { ProbabilityPoint } from '../../session/probabilities.ts'
import type { TouchRecord } from '../../session/touches.ts'
import { EMPTY_SESSION, type SessionSoFar } from './state.ts'

/** Keeps the page's session up to date with the server's. */
export interface SessionClient {
  /** Asks for what has changed where the server has come further; `fresh` asks for everything. */
  readonly follow: (revision: number, fresh?: boolean) => void
}

/** A client that hands each newer session to `onSession`. One question at a time is under way. */
export function sessionClient(onSession: (session: SessionSoFar) => void): SessionClient {
  let session = EMPTY_SESSION
  const goal = { revision: 0, isAsking: false }
  const isBehind = (): boolean => goal.revision > session.revision
  const ask = async (): Promise<void> => {
    goal.isAsking = true
    try {
      do {
        session = merged(session, await read<SessionPart>(`/session?since=${session.revision}`))
        onSession(session)
      } while (isBehind())
    } catch {
      // The header says that the server is gone; the next payload asks again.
    } finally {
      goal.isAsking = false
    }
  }
  return {
    follow(revision, fresh = false) {
      // A server that has started anew counts from the beginning again.
      if (fresh || revision < session.revision) session = EMPTY_SESSION
      goal.revision = revision
      if (!goal.isAsking && (isBehind() || session.date === null)) void ask()
    },
  }
}

function merged(session: SessionSoFar, part: SessionPart): SessionSoFar {
  const { date, revision, bars, touches, thresholds } = part
  const isSameDay = session.date === date
  return {
    date,
    revision,
    bars: isSameDay ? [...session.bars, ...bars] : bars,
    touches: new Map([...(isSameDay ? session.touches : []), ...touches.map((one) => [one.id, one] as const)]),
    thresholds,
  }
}

/** Everything about one touch; null where the server has forgotten it. */
export function readTouch(id: string): Promise<TouchRecord | null> {
  return read(`/touch?id=${encodeURIComponent(id)}`)
}

/** The probabilities of a level since the day began. */
export function readProbabilities(levelId: string): Promise<readonly ProbabilityPoint[]> {
  return read(`/probabilities?level=${encodeURIComponent(levelId)}`)
}

async function read<T>(path: string): Promise<T> {
  const response = await fetch(path)
  if (!response.ok) throw new Error(`page: ${path}: ${response.status}`)
  // The server is the page's own.
  return (await response.json()) as T
}
