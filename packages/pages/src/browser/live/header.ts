import { byId, say } from '../dom.ts'
import { dollars, newYork } from '../format.ts'
import type { LiveState, Section } from './state.ts'

const STALE_MS = 2000
const HASH_SHOWN = 8
const MS = 1000

/** Price, time, models, and what is wrong with the whole payload. */
export function headerSection(): Section {
  return {
    show({ payload }) {
      if (payload === null) return
      say(byId('spot'), dollars(payload.spy.spot))
      const { bid, ask } = payload.spy
      say(byId('quote'), typeof bid === 'number' && typeof ask === 'number' ? `${dollars(bid)} / ${dollars(ask)}` : '')
      say(byId('time'), newYork(payload.ts))
      const { viewport } = payload
      const problem = byId('problem')
      const text = viewport === undefined ? 'Scoring is off.' : (viewport.error?.message ?? '')
      problem.hidden = text === ''
      say(problem, text)
      if (viewport === undefined) return
      const { stage_a: a, stage_b: b } = viewport.models
      say(byId('models'), `${viewport.timeframe} heads; models: stage A ${nameOf(a)}, stage B ${nameOf(b)}`)
    },
  }
}

const nameOf = (hash: string | null): string => (hash === null ? 'none' : hash.slice(0, HASH_SHOWN))

/** Says how long ago the newest payload arrived. Called by the clock: nothing else tells that nothing comes. */
export function showFreshness({ payload, arrived, connected }: LiveState): void {
  const age = performance.now() - arrived
  const live = age <= STALE_MS ? 'live' : 'stale'
  const word = payload === null ? 'waiting' : connected ? live : 'disconnected'
  const fresh = byId('fresh')
  fresh.dataset['state'] = word
  say(fresh, word)
  say(byId('age'), payload === null ? '' : `${(age / MS).toFixed(1)} s ago`)
}
