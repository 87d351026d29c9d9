// Is a calibrated law ever worse than the same law uncalibrated? On real one-minute bars: the law alone (mixture weights and the volatility
// forecast from bars) is fitted on training sessions, calibrated on the validation sessions after them, and both are scored on later ones:
// as it is; with a forecast of volatility that is 15% too low from validation on; and with one that is too low in validation alone.
// Needs ../shared/data/spy_1m_rth_2024_2025, or --data for the folder that holds it; says so and ends where it is absent.
// Run with: npm run bench -- law-calibration
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildSignals } from '@breakwater/features'
import { readBars } from '@breakwater/features/parquet'
import {
  defaultExperts,
  driftValues,
  fitCalibration,
  fitLaw,
  fitVolatility,
  forecastSessions,
  type Law,
  type LawCalibration,
  NO_CALIBRATION,
  poweredLaw,
  tiltedProbabilities,
} from '@breakwater/passage'
import { regularDays, selectMoments, sessionBars, type TouchMoments, touchMoments } from './law-moments.ts'

const { values: given } = parseArgs({ options: { data: { type: 'string' } }, strict: false })
const DATA = typeof given.data === 'string' ? given.data : join(import.meta.dirname, '../../../../shared/data')
const FILE = join(DATA, 'spy_1m_rth_2024_2025', 'SPY_1m.parquet')
const SPEC = { thresholds: [0.5, 1], horizons: [60, 120, 180, 300], window: 480 }
/** Sessions: trained on those before the first number, calibrated on those from it to the second, tested to the third. */
const SPLITS = [
  { name: 'A', ends: [150, 180, 256] },
  { name: 'B', ends: [90, 110, 180] },
] as const
const EVERY = 6
const print = (line: string): void => void process.stdout.write(`${line}\n`)

const scaled = (moments: TouchMoments, factor: number): TouchMoments => ({
  ...moments,
  sigma: moments.sigma.map((sigma) => sigma * factor),
})

/** Mean over questions of the log loss of each row, by session: sums, with one over each question's unmasked rows. */
function bySession(law: Law, moments: TouchMoments, { volatility, drift, power }: LawCalibration): Map<number, number> {
  const { session, labels, questions, displacement, sigma } = moments
  const values = driftValues(poweredLaw(law, power), SPEC, {
    displacement,
    sigma: sigma.map((one) => one * Math.exp(volatility)),
  })
  const p = tiltedProbabilities(values, new Float64Array(session.length).fill(drift))
  const asked = Array.from({ length: questions }, (_, h) =>
    labels.reduce((sum, label, i) => sum + Number(i % questions === h && label >= 0), 0),
  )
  const sums = new Map<number, number>()
  for (const [i, label] of labels.entries()) {
    if (label < 0) continue
    const one = Math.min(1 - 1e-7, Math.max(1e-7, p[i] as number))
    const loss = -Math.log(label === 1 ? one : 1 - one) / (asked[i % questions] as number) / questions
    const day = session[Math.floor(i / questions)] as number
    sums.set(day, (sums.get(day) ?? 0) + loss)
  }
  return sums
}

function compare(title: string, law: Law, calibrating: TouchMoments, test: TouchMoments): void {
  const { calibration, reason } = fitCalibration({
    law,
    spec: SPEC,
    displacement: calibrating.displacement,
    sigma: calibrating.sigma,
    tilt: new Float64Array(calibrating.session.length),
    // One moment a touch: about eight windows are open at a time.
    outcomes: { labels: calibrating.labels, rowWeights: new Float64Array(calibrating.session.length).fill(1 / 8) },
    sessions: calibrating.session,
  })
  const [before, after] = [NO_CALIBRATION, calibration].map((one) => bySession(law, test, one)) as [
    Map<number, number>,
    Map<number, number>,
  ]
  const saved = [...before].map(([day, loss]) => loss - (after.get(day) ?? 0))
  const total = saved.reduce((a, b) => a + b, 0)
  const mean = total / saved.length
  const error = Math.sqrt(saved.length * (saved.reduce((a, b) => a + (b - mean) ** 2, 0) / (saved.length - 1)))
  const { volatility, drift, power } = calibration
  print(`  ${title}: ${reason}`)
  print(
    `    volatility ${volatility.toFixed(3)}, drift ${drift.toFixed(3)}, power ${power.toFixed(3)}; ` +
      `saved on test ${total.toFixed(5)} (standard error ${error.toFixed(5)})`,
  )
}

async function run(): Promise<void> {
  const { bars } = await readBars(FILE)
  const { table } = buildSignals(bars, { thresholds: [0.5, 1] })
  const days = regularDays(bars)
  const sessions = days.map(sessionBars)
  for (const { name, ends } of SPLITS) {
    const [trained, calibrated, tested] = ends
    const forecasts = forecastSessions(fitVolatility(sessions.slice(0, trained)), sessions)
    const all = touchMoments({ days, forecasts, touches: table, spec: SPEC })
    const between = (from: number, to: number, every = 1): TouchMoments =>
      selectMoments(all, (row) => {
        const day = all.session[row] as number
        return day >= from && day < to && row % every === 0
      })
    const train = between(0, trained, EVERY)
    const { law } = fitLaw(defaultExperts(), { spec: SPEC, moments: train, outcomes: train })
    const [validation, test] = [between(trained, calibrated, 3), between(calibrated, tested)]
    print(`${name}: trained on 0-${trained - 1}, calibrated on -${calibrated - 1}, tested on -${tested - 1}`)
    compare('as it is', law, validation, test)
    compare('15% too low from validation on', law, scaled(validation, 1 / 1.15), scaled(test, 1 / 1.15))
    compare('15% too low in validation alone', law, scaled(validation, 1 / 1.15), test)
  }
}

if (existsSync(FILE)) await run()
else print('not run: ../shared/data/spy_1m_rth_2024_2025 is absent')
