import {
  DEFAULT_HORIZONS,
  headName,
  headTask,
  PRIMARY_ANCHOR,
  REACH_SIDES,
  reachHead,
  WINDOW_HEADS,
  type HeadQuestion,
  type HeadTask,
} from '@breakwater/features'

/** Whether the level is touched within a horizon. */
export interface TouchQuestion {
  readonly kind: 'touch'
  /** Seconds from the publication. */
  readonly horizon: number
}

/** What one published number answers. */
export interface Question {
  /** The head's name without an anchor, `t1_break_60s`, or `touch_60s`. */
  readonly name: string
  readonly about: HeadQuestion | TouchQuestion
  readonly task: HeadTask
  /** Length of its window in seconds. */
  readonly seconds: number
}

/** What a set of questions is made of. */
export interface QuestionOptions {
  /** Horizons in seconds of reaches and touches, at most the window. Default 60, 120, 180, 300. */
  readonly horizons?: readonly number[]
  /** Length of the window of the other heads in seconds. Default 480. */
  readonly windowSeconds?: number
}

/**
 * The questions that a payload answers: whether the level is touched, and the heads of a moment, each by rising length of window
 * and in one order for the same options. Throws RangeError on a horizon that is not whole seconds within the window.
 */
export function questionsOf({ horizons = DEFAULT_HORIZONS, windowSeconds = 480 }: QuestionOptions = {}): Question[] {
  const wrong = horizons.find((seconds) => !(Number.isSafeInteger(seconds) && seconds > 0 && seconds <= windowSeconds))
  if (wrong !== undefined) {
    throw new RangeError(
      `monitor: horizons=${wrong}: must be whole seconds above 0 and at most ${windowSeconds}, the window.`,
    )
  }
  const sorted = [...new Set(horizons)].toSorted((a, b) => a - b)
  const touches = sorted.map((horizon): Question => {
    return { name: reachHead('touch', horizon), about: { kind: 'touch', horizon }, task: 'binary', seconds: horizon }
  })
  const reaches = sorted.flatMap((horizon) =>
    REACH_SIDES.flatMap((side) =>
      ([1, 2] as const).map((threshold) => headQuestion({ kind: 'reach', threshold, side, horizon }, horizon)),
    ),
  )
  return [...touches, ...reaches, ...WINDOW_HEADS.map((kind) => headQuestion({ kind }, windowSeconds))]
}

function headQuestion(about: HeadQuestion, seconds: number): Question {
  // The primary anchor adds nothing to a name.
  return { name: headName(about, PRIMARY_ANCHOR), about, task: headTask(about), seconds }
}
