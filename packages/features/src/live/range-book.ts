import { addRange, beginRanges, beginRangeSession, RANGE_SESSIONS, type RangeState } from '../moments/ranges.ts'
import { checkedProfile } from '../moments/settings.ts'
import type { MinuteBar } from '../signals/day.ts'

/** Averages of the ranges of the same bars under the profiles of several models. */
export interface RangeBook {
  /** Ends the session before and begins another. */
  beginSession(): void
  /** Adds a bar of the regular session that starts `slot` minutes after the open. */
  add(bar: MinuteBar, slot: number): void
  /**
   * The averages under a profile (null for none), with the bits that they would have had from the first bar on. A profile is known by its
   * identity: one that is new costs a pass over the bars of six sessions, and a check. Throws RangeError where it is no profile.
   */
  under(profile: ArrayLike<number> | null): RangeState
  /** Forgets all bars. */
  clear(): void
}

/** Profiles followed at once: those of both stages, before and after models are replaced. The one asked for longest ago goes first. */
const MOST_PROFILES = 4

type Session = { readonly bar: MinuteBar; readonly slot: number }[]

/** A book without bars. */
export function rangeBook(): RangeBook {
  const states = new Map<ArrayLike<number> | null, RangeState>()
  let sessions: Session[] = []
  const build = (profile: ArrayLike<number> | null): RangeState => {
    const state = beginRanges(checkedProfile(profile ?? undefined))
    for (const session of sessions) {
      beginRangeSession(state)
      for (const { bar, slot } of session) addRange(state, bar, slot)
    }
    return state
  }
  return {
    beginSession() {
      sessions = [...sessions.filter(({ length }) => length > 0).slice(-RANGE_SESSIONS), []]
      for (const state of states.values()) beginRangeSession(state)
    },
    add(bar, slot) {
      sessions.at(-1)?.push({ bar: { ...bar }, slot })
      for (const state of states.values()) addRange(state, bar, slot)
    },
    under(profile) {
      const state = states.get(profile) ?? build(profile)
      states.delete(profile)
      states.set(profile, state)
      for (const oldest of states.keys()) {
        if (states.size <= MOST_PROFILES) break
        states.delete(oldest)
      }
      return state
    },
    clear() {
      states.clear()
      sessions = []
    },
  }
}
