import type { PublishedForecast, Question } from '@breakwater/monitor'
import type { PublishedTouch } from '../documents/served.ts'

/** Follows episodes of levels, and keeps the one that has most to show. */
export interface TouchKeeper {
  readonly take: (forecast: PublishedForecast) => void
  readonly finish: () => PublishedTouch | null
}

interface Episode {
  readonly first: PublishedForecast
  readonly moments: PublishedForecast[]
  uncertainty: number
}

/** Minutes of a touch that are kept. */
const MOST_MOMENTS = 20

/**
 * A keeper of the reach probabilities of one touch: the one with the largest sum of p (1 - p) over its first twenty minutes, so that
 * there was something to forecast; of equal ones the first.
 */
export function keepTouch(questions: readonly Question[]): TouchKeeper {
  const open = new Map<string, Episode>()
  let most: Episode | null = null
  const reaches = [...questions.keys()].filter((place) => questions[place]?.about.kind === 'reach')
  return {
    take: (forecast) => {
      if (forecast.touchNs === null || forecast.fromNs === null) return
      const there = open.get(forecast.levelId)
      const episode =
        there?.first.touchNs === forecast.touchNs
          ? there
          : { first: forecast, moments: [] as PublishedForecast[], uncertainty: 0 }
      open.set(forecast.levelId, episode)
      if (episode.moments.length === MOST_MOMENTS) return
      episode.moments.push(forecast)
      episode.uncertainty += uncertaintyOf(forecast, reaches)
      if (episode.uncertainty > (most?.uncertainty ?? 0)) most = episode
    },
    finish: () => (most === null ? null : describe(most, questions)),
  }
}

function uncertaintyOf({ values }: PublishedForecast, places: readonly number[]): number {
  return places.reduce((sum, place) => {
    const p = values[place] as number
    return Number.isNaN(p) ? sum : sum + p * (1 - p)
  }, 0)
}

function describe({ first, moments }: Episode, questions: readonly Question[]): PublishedTouch {
  const { touchNs, kind, price, sign } = first
  const asked = questions.flatMap(({ about, name }, place) =>
    about.kind === 'reach'
      ? [{ name, place, threshold: about.threshold, side: about.side, horizon: about.horizon }]
      : [],
  )
  return {
    kind,
    price,
    direction: sign > 0 ? 'UP' : 'DOWN',
    touched: new Date(Number((touchNs ?? 0n) / 1_000_000n)).toISOString(),
    questions: asked.map(({ name, threshold, side, horizon }) => ({ name, threshold, side, horizon })),
    moments: moments.map(({ tsNs, spot, values }) => ({
      elapsed_s: Number((tsNs - (touchNs ?? 0n)) / 1_000_000n) / 1000,
      moved: sign * (spot - price),
      probabilities: asked.map(({ place }) => (Number.isNaN(values[place]) ? null : (values[place] as number))),
    })),
  }
}
