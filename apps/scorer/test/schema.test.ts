import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { payloadJsonSchema } from '@breakwater/scorer'
import { expect, test } from 'vitest'

test.each([
  [1, '../public/viewport-payload-1.schema.json'],
  [2, '../public/viewport-payload.schema.json'],
] as const)(
  'the published JSON Schema of version %i is the one that the code gives: run `breakwater schema` to write it again',
  (version, path) => {
    const text = readFileSync(join(import.meta.dirname, path), 'utf8')
    expect(JSON.parse(text)).toEqual(payloadJsonSchema(version))
  },
)

test('times are integers in it, and horizons are keys of digits', () => {
  const { $defs } = payloadJsonSchema() as { $defs: Record<string, Record<string, unknown>> }
  expect($defs['target']?.['properties']).toMatchObject({
    touch_ts_ns: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
    confirm_ts_ns: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
  })
  expect($defs['by_horizon']).toMatchObject({ propertyNames: { pattern: '^[1-9]\\d*$' } })
})
