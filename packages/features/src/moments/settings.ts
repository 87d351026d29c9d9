import type { Bars } from '../bars/bars.ts'
import { newYorkCalendar } from '../bars/calendar.ts'
import type { Calendar } from '../bars/calendar.ts'
import { checkTimes } from '../signals/bars-in-order.ts'
import { planSessions } from '../signals/sessions.ts'
import type { SessionSlice } from '../signals/sessions.ts'
import { resolveSettings } from '../signals/settings.ts'
import type { SignalSettings } from '../signals/settings.ts'

/** Options of the moments: settings as the signals were built with, and further inputs. */
export interface MomentOptions extends Partial<SignalSettings> {
  /** Trading days; the New York calendar's own by default. */
  readonly calendar?: Calendar
  /**
   * How volatile each minute of a session is, 390 values above 0 as `rangeProfile` gives them: ranges and changes are divided
   * by it before they are averaged. None by default.
   */
  readonly profile?: ArrayLike<number>
}

/** Minutes after the start of the touch minute at which a touch is looked at where none are named: every one to the twelfth. */
export const MOMENT_MINUTES: readonly number[] = Array.from({ length: 12 }, (_, i) => i + 1)

/** Minutes of {@link MOMENT_MINUTES}: a level is followed as touched for as long. */
export const FOLLOWED_MINUTES: number = MOMENT_MINUTES.length

/** What every way to build moments begins with. */
export interface MomentPlan {
  readonly settings: SignalSettings
  readonly calendar: Calendar
  readonly profile: ArrayLike<number> | null
  readonly slices: readonly SessionSlice[]
}

/** Checks bars and options. Throws RangeError naming what is wrong. */
export function planMoments(bars: Bars, options: MomentOptions): MomentPlan {
  const settings = resolveSettings(options)
  const { calendar = newYorkCalendar() } = options
  const profile = checkedProfile(options.profile)
  checkTimes(bars)
  return { settings, calendar, profile, slices: planSessions(bars, calendar).slices }
}

/** The profile, or null for none. Throws RangeError where it is not one. */
export function checkedProfile(profile: ArrayLike<number> | undefined): ArrayLike<number> | null {
  if (profile === undefined) return null
  const wrong = Array.from(profile).findIndex((value) => !(value > 0 && value < Infinity))
  if (profile.length === 390 && wrong === -1) return profile
  throw new RangeError(
    `features: profile${wrong === -1 ? `.length=${profile.length}` : `[${wrong}]=${profile[wrong]}`}: must be 390 numbers above 0, by minute from the open. Take rangeProfile.`,
  )
}
