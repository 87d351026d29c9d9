import { mlflowServer } from '@breakwater/tracking/node'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { startDouble } from './mlflow-double.ts'
import { serverOptionsFor } from './sinks.ts'

const values = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.double({ noNaN: true, noDefaultInfinity: true }), {
  maxKeys: 30,
})

/** JSON has one zero. */
const plain = (value: number): number => (value === 0 ? 0 : value)

test('whatever is recorded while the server is away arrives in order and within its limits', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(values, { maxLength: 80 }), fc.nat(3), async (calls, wide) => {
      const double = await startDouble()
      const warnings: string[] = []
      const tracker = mlflowServer({ ...serverOptionsFor(double, warnings), cooldown: Infinity })
      const id = String(run++).padStart(32, '0')
      const open = await tracker.start({ id, name: 'n', job: 'retrieval', tags: {} })
      double.fault = () => ({ status: 503, body: '' })
      for (const [step, metrics] of calls.entries()) await open.metrics(metrics, step)
      for (let at = 0; at < wide; at++) {
        await open.params(
          Object.fromEntries(Array.from({ length: 150 }, (_, key) => [`p${at}.${key}`, 'é'.repeat(6000)])),
        )
        await open.tags({ same: String(at) })
      }
      double.fault = () => null
      double.requests.length = 0
      await open.end('finished')
      expect(double.requests.every(({ bytes }) => bytes <= 1_000_000)).toBe(true)
      const wanted = calls.flatMap((metrics, step) =>
        Object.entries(metrics).map(([key, value]) => ({ key, value, step })),
      )
      expect(double.runs[0]?.metrics.map(({ key, value, step }) => ({ key, value: plain(value), step }))).toEqual(
        wanted.map((point) => ({ ...point, value: plain(point.value) })),
      )
      expect(double.runs[0]?.params.size).toBe(150 * wide)
      expect(double.runs[0]?.tags.get('same')).toBe(wide === 0 ? undefined : String(wide - 1))
      double.close()
    }),
    { numRuns: 12 },
  )
})
