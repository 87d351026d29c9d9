import { STAGES, type Stage } from '@breakwater/features'
import type { Models, PathForecaster, PathMoment, Predictions } from '@breakwater/viewport'
import type { Question } from '../outcomes/question.ts'

/** What the law alone would have said of the paths that the forecasters of a tick were asked about. */
export interface LawReference {
  /** Models that score as these do, and whose moments are remembered until the next {@link LawReference.forget}. */
  readonly wrap: (models: Models) => Models
  /**
   * Numbers of the law by question for the level at a price, touched or not; NaN where it has none. null where no path or several were
   * asked about there. Costs a forecast: 30 us.
   */
  numbersOf(questions: readonly Question[], price: number, isTouched: boolean): Float64Array | null
  forget(): void
}

interface Asked {
  readonly moment: PathMoment
  readonly law: PathForecaster
}

/** Remembers nothing yet. A tick costs a push for each target. */
export function createLawReference(): LawReference {
  const asked: Asked[] = []
  const remembered = (path: PathForecaster, law: PathForecaster): PathForecaster => ({
    ...path,
    forecast(moment, out) {
      asked.push({ moment, law })
      return path.forecast(moment, out)
    },
  })
  return {
    wrap(models) {
      const entries = STAGES.map((stage): [Stage, Models[Stage]] => {
        const { path, law } = models[stage]
        return [stage, path == null || law == null ? models[stage] : { ...models[stage], path: remembered(path, law) }]
      })
      return { ...models, ...(Object.fromEntries(entries) as Models) }
    },
    numbersOf(questions, price, isTouched) {
      const there = asked.filter(({ moment }) => moment.price === price && (moment.approach === null) === isTouched)
      const [one] = there
      if (one === undefined || there.length > 1) return null
      const { moment, law } = one
      const numbers = new Float64Array(law.heads.length)
      const out: Predictions = { values: numbers, low: numbers.slice(), high: numbers.slice() }
      law.forecast(moment, out)
      return Float64Array.from(questions, ({ name, about }) => {
        const place = law.heads.indexOf(about.kind === 'touch' ? `p_${name}` : name)
        return place === -1 ? Number.NaN : (numbers[place] as number)
      })
    },
    forget: () => void asked.splice(0),
  }
}
