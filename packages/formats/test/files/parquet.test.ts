import { parquetFault } from '@breakwater/formats/node'
import { expect, test } from 'vitest'

const fileOf = (bytes: Uint8Array): Parameters<typeof parquetFault>[0] => ({
  size: () => Promise.resolve(bytes.length),
  read: (position, length) => Promise.resolve(bytes.slice(position, position + length)),
})

/** A file in outline: magic, columns, a footer of `footer` bytes, its length, magic. */
function outline(columns: number, footer: number): Uint8Array {
  const bytes = new Uint8Array(4 + columns + footer + 8).fill(7)
  bytes.set(new TextEncoder().encode('PAR1'))
  bytes.set(new TextEncoder().encode('PAR1'), bytes.length - 4)
  new DataView(bytes.buffer).setUint32(bytes.length - 8, footer, true)
  return bytes
}

test('a whole outline has no fault, and one cut short at any byte has', async () => {
  const whole = outline(100, 40)
  await expect(parquetFault(fileOf(whole))).resolves.toBeNull()
  for (let length = 0; length < whole.length; length++) {
    await expect(parquetFault(fileOf(whole.subarray(0, length)))).resolves.toMatch(
      /^it does not end|^\d+ bytes are too few/,
    )
  }
})

test('a footer larger than the file, and another beginning, are faults', async () => {
  const long = outline(0, 10)
  new DataView(long.buffer).setUint32(long.length - 8, 11, true)
  await expect(parquetFault(fileOf(long))).resolves.toBe('its footer would be 11 bytes of 22')
  const other = outline(1, 1)
  other[0] = 0
  await expect(parquetFault(fileOf(other))).resolves.toBe('it does not begin with PAR1')
})
