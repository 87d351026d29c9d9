import { SIGNAL_DEFAULTS, buildSignals, resolveSettings } from '@breakwater/features'
import { describe, expect, test } from 'vitest'
import { barsOf } from './synthetic-bars.ts'

describe('signal settings', () => {
  test('are the documented constants by default', () => {
    expect(resolveSettings()).toEqual(SIGNAL_DEFAULTS)
    expect(SIGNAL_DEFAULTS).toEqual({
      symbol: 'SPY',
      touchBand: 0.1,
      monitorBand: 0.25,
      confluenceBand: 0.2,
      lookback: 10,
      lookforward: 8,
      thresholds: [1, 2],
      atrBars: 14,
      slopeMinutes: 20,
      shortSlopeBars: 5,
      volatilityMinutes: 20,
      reversionMinutes: 10,
      warmupSessions: 3,
      clusterMinutes: 15,
      clusterBand: 0.1,
      roundSpacing: 1,
      openingRangeMinutes: 15,
      maxGapMinutes: 5,
    })
  })

  test('take what is given and come back with the signals', () => {
    const { settings } = buildSignals(barsOf([]), { symbol: 'QQQ', thresholds: [0.5, 1] })
    expect(settings).toEqual({ ...SIGNAL_DEFAULTS, symbol: 'QQQ', thresholds: [0.5, 1] })
  })

  test.each([
    [{ touchBand: 0 }, 'touchBand=0: must be a number above 0. The default is 0.1.'],
    [{ monitorBand: Number.NaN }, 'monitorBand=null: must be a number above 0. The default is 0.25.'],
    [{ lookback: 1.5 }, 'lookback=1.5: must be a whole number of at least 1. The default is 10.'],
    [{ slopeMinutes: 5 }, 'slopeMinutes=5: must be a whole number of at least 2, a multiple of 2. The default is 20.'],
    [{ roundSpacing: 0.333 }, 'roundSpacing=0.333: must be a positive number of whole cents. The default is 1.'],
    [
      { thresholds: [2, 1] as const },
      'thresholds=[2,1]: must be two numbers above 0, the second greater. The default is [1,2].',
    ],
    [{ symbol: 'S P Y' }, 'symbol="S P Y": must be a ticker of letters, digits, dots. The default is "SPY".'],
  ])('refuse %o by name', (options, message) => {
    expect(() => resolveSettings(options)).toThrow(`features: ${message}`)
  })
})
