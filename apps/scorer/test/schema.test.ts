import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { payloadJsonSchema } from '@breakwater/scorer'
import { expect, test } from 'vitest'

test('the published JSON Schema is the one that the code gives: run `scorer schema` to write it again', () => {
  const text = readFileSync(join(import.meta.dirname, '../public/viewport-payload.schema.json'), 'utf8')
  expect(JSON.parse(text)).toEqual(payloadJsonSchema())
})

test('times are integers in it, and horizons are keys of digits', () => {
  const { $defs } = payloadJsonSchema() as { $defs: Record<string, Record<string, unknown>> }
  expect($defs['target']?.['properties']).toMatchObject({
    touch_ts_ns: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
    confirm_ts_ns: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
  })
  expect($defs['by_horizon']).toMatchObject({ propertyNames: { pattern: '^[1-9]\\d*$' } })
})
