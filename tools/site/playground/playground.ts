import type { Bars } from '@breakwater/features'
import { createSurface } from '@breakwater/passage'
import { simulate } from '@breakwater/simulator'
import { type DayTouch, fitDay, type FittedDay, SPEC } from './fit-day.ts'
import { readCsv } from './read-csv.ts'

const SIDES = ['break', 'either', 'bounce'] as const

/** Puts the playground into an element and fits a simulated day at once. */
export function openPlayground(place: HTMLElement): void {
  const seed = element('input', { type: 'number', min: '1', max: '9999', value: '7' })
  const file = element('input', { type: 'file', accept: '.csv,text/csv' })
  const again = element('button', { type: 'button' }, 'Simulate and fit')
  const status = element('p', { role: 'status' })
  const result = element('div', {})
  place.replaceChildren(
    element('p', {}, labelled('Seed of the simulated day ', seed), again, labelled('or a file of bars ', file)),
    status,
    result,
  )
  const run = async (bars: () => Bars | Promise<Bars>): Promise<void> => {
    status.textContent = 'Fitting …'
    result.replaceChildren()
    // Lets the browser draw the words first.
    await new Promise((resolve) => {
      requestAnimationFrame(() => setTimeout(resolve))
    })
    try {
      const day = fitDay(await bars(), () => performance.now())
      status.textContent = verdict(day)
      result.replaceChildren(...explorer(day))
    } catch (error) {
      status.textContent = error instanceof Error ? error.message : String(error)
    }
  }
  const simulated = (): Promise<void> => run(() => simulate({ seed: Number(seed.value) || 1, sessions: 1 }).bars)
  again.addEventListener('click', () => void simulated())
  file.addEventListener('change', () => {
    const [chosen] = file.files ?? []
    if (chosen !== undefined) void run(async () => readCsv(await chosen.text()))
  })
  void simulated()
}

function verdict({ touches, lawLoss, baseLoss, milliseconds }: FittedDay): string {
  const seconds = (milliseconds / 1000).toFixed(1)
  return `Signals, law and forecasts took ${seconds} s. Over ${touches.length} later touches the log loss of reaching $1 and $2 is ${lawLoss.toFixed(3)} by the law, ${baseLoss.toFixed(3)} by the base rates of the fitted touches.`
}

/** A choice of touches, where price stands, and the surface there. */
function explorer(day: FittedDay): HTMLElement[] {
  const choice = element('select', {})
  choice.append(...day.touches.map((touch, i) => element('option', { value: String(i) }, nameOf(touch))))
  const slider = element('input', { type: 'range', min: '-1.9', max: '1.9', step: '0.05' })
  const where = element('output', {})
  const table = element('div', { class: 'surface' })
  const surface = createSurface(day.law, SPEC)
  const draw = (): void => {
    const touch = day.touches[Number(choice.value)]
    if (touch === undefined) return
    const displacement = Number(slider.value)
    where.textContent = ` ${dollars(displacement)} ${displacement < 0 ? 'before' : 'beyond'} the level`
    const values = surface.at({ displacement, sigma: touch.sigma })
    table.replaceChildren(heatMap(surface.questions.map((question, i) => ({ ...question, value: values[i] ?? 0 }))))
  }
  choice.addEventListener('change', () => {
    slider.value = String(day.touches[Number(choice.value)]?.moved ?? 0)
    draw()
  })
  slider.addEventListener('input', draw)
  slider.value = String(day.touches[0]?.moved ?? 0)
  draw()
  return [labelled('Touch ', choice), labelled('Price stands ', slider, where), table]
}

type Answer = FittedAnswer & { readonly value: number }
type FittedAnswer = ReturnType<typeof createSurface>['questions'][number]

/** Probabilities of reaching each threshold on each side by each horizon, shaded, and what the whole window holds. */
function heatMap(answers: readonly Answer[]): HTMLElement {
  const head = element('tr', {}, element('th', {}, 'reach'), ...SPEC.horizons.map((s) => element('th', {}, `${s} s`)))
  const rows = SPEC.thresholds.flatMap((threshold) =>
    SIDES.map((side) => {
      const cells = SPEC.horizons.map((horizon) => {
        const answer = answers.find(
          (one) => one.kind === 'reach' && one.side === side && one.threshold === threshold && one.horizon === horizon,
        )
        const value = answer?.value ?? 0
        return element('td', { style: `--p: ${value.toFixed(3)}` }, value.toFixed(2))
      })
      return element('tr', {}, element('th', {}, `${dollars(threshold)} ${side}`), ...cells)
    }),
  )
  const tradeable = answers.find(({ kind }) => kind === 'tradeable')?.value ?? 0
  const direction = answers.find(({ kind }) => kind === 'direction')?.value ?? 0
  const words = `Within eight minutes: ${dollars(SPEC.thresholds[1])} on either side ${tradeable.toFixed(2)}; the break side first, given that, ${direction.toFixed(2)}.`
  return element('div', {}, element('table', {}, head, ...rows), element('p', {}, words))
}

const TIME = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/New_York',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})

const nameOf = ({ ns, level, kind, direction, moved }: DayTouch): string =>
  `${TIME.format(Number(ns / 1_000_000n))} ${kind} ${level.toFixed(2)} ${direction}, ${moved.toFixed(2)} two minutes later`

const dollars = (value: number): string => `$${Math.abs(value).toFixed(2).replace(/\.00$/, '')}`

function labelled(text: string, ...parts: readonly HTMLElement[]): HTMLElement {
  return element('label', {}, text, ...parts)
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children)
  return made
}
