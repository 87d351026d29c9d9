import type { PublishedForecast, Question } from '@breakwater/monitor'
import type { PublishedTouch } from '../documents/served.ts'

/** Follows episodes of levels, and keeps the one that was published longest. */
export interface TouchKeeper {
  readonly take: (forecast: PublishedForecast) => void
  readonly finish: () => PublishedTouch | null
}

interface Episode {
  readonly first: PublishedForecast
  readonly moments: PublishedForecast[]
}

/** A keeper of the reach probabilities of one touch; of episodes as long, the first. */
export function keepTouch(questions: readonly Question[]): TouchKeeper {
  const open = new Map<string, Episode>()
  let longest: Episode | null = null
  return {
    take: (forecast) => {
      if (forecast.touchNs === null || forecast.fromNs === null) return
      const there = open.get(forecast.levelId)
      const episode =
        there?.first.touchNs === forecast.touchNs ? there : { first: forecast, moments: [] as PublishedForecast[] }
      open.set(forecast.levelId, episode)
      if (forecast.values.every(Number.isNaN)) return
      episode.moments.push(forecast)
      if (episode.moments.length > (longest?.moments.length ?? 0)) longest = episode
    },
    finish: () => (longest === null ? null : describe(longest, questions)),
  }
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
