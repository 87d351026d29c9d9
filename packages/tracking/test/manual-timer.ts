import type { Timer } from '@breakwater/tracking'

/** A timer that goes on only where the test says so. */
export interface ManualTimer extends Timer {
  /** Lets so many milliseconds pass: alarms that are due go off. */
  readonly pass: (milliseconds: number) => void
  /** Alarms that were set and have neither gone off nor been cancelled, by the time that is left of each, ms. */
  readonly alarms: () => readonly number[]
}

/** A timer at 0. */
export function manualTimer(): ManualTimer {
  let now = 0
  const pending = new Map<symbol, { readonly due: number; readonly callback: () => void }>()
  return {
    now: () => now,
    after: (milliseconds, callback) => {
      const alarm = Symbol('alarm')
      pending.set(alarm, { due: now + milliseconds, callback })
      return () => void pending.delete(alarm)
    },
    pass: (milliseconds) => {
      now += milliseconds
      for (const [alarm, { due, callback }] of pending) {
        if (due > now) continue
        pending.delete(alarm)
        callback()
      }
    },
    alarms: () => [...pending.values()].map(({ due }) => due - now),
  }
}

/** A promise, and what settles it. */
export interface Deferral {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** A promise that the test settles. */
export function deferred(): Deferral {
  let settle: Omit<Deferral, 'promise'> = { resolve: () => undefined, reject: () => undefined }
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject }
  })
  return { promise, ...settle }
}
