import { describe, expect, test } from 'vitest'
import { type SequenceFile, splitFiles, testDates } from '@breakwater/models/patchtst'

const NONE: Omit<SequenceFile['data'], 'source'> = {
  samples: 0,
  length: 1,
  channelNames: ['close'],
  x: new Float32Array(),
  mask: new Uint8Array(),
  staticNames: [],
  statics: new Float32Array(),
  yBreak: new Int8Array(),
  yStrength: new Float32Array(),
  reach: null,
  eventIds: [],
  tsNs: new BigInt64Array(),
  metadata: '',
}
const file = (date: string): SequenceFile => ({ file: date, data: { ...NONE, source: date }, dates: [date] })
const files = (...dates: readonly string[]): SequenceFile[] => dates.map(file)
const names = (found: readonly SequenceFile[]): string[] => found.map((one) => one.file)

describe('sequence files to train and to validate on', () => {
  test('are taken as given where validation comes later', () => {
    const split = splitFiles(files('2025-12-11', '2025-12-12'), files('2025-12-15'))
    expect(names(split.train)).toEqual(['2025-12-11', '2025-12-12'])
    expect(names(split.validation)).toEqual(['2025-12-15'])
  })

  test('without validation files the last eighth validates, whatever the order of the files', () => {
    const dates = Array.from({ length: 17 }, (_, i) => `2025-11-${String(10 + i)}`)
    const split = splitFiles(files(...dates.toReversed()), undefined)
    expect(names(split.validation)).toEqual(['2025-11-25', '2025-11-26'])
    expect(split.train).toHaveLength(15)
  })

  test('one file alone cannot do both', () => {
    expect(() => splitFiles(files('2025-12-11'), undefined)).toThrow('models: training files: 1 file: one to train on')
  })

  test('a session in both is a walk-forward violation', () => {
    expect(() => splitFiles(files('2025-12-11', '2025-12-12'), files('2025-12-12'))).toThrow(
      'models: validation files: walk-forward violation: 2025-12-12 is in the training files too.',
    )
  })

  test('a validation session before a training session is one too', () => {
    expect(() => splitFiles(files('2025-12-11', '2025-12-15'), files('2025-12-12'))).toThrow(
      'models: validation files: walk-forward violation: 2025-12-12 before 2025-12-15 of the training files.',
    )
  })
})

describe('sessions to compare on', () => {
  const record = { trainDates: ['2025-12-10', '2025-12-11'], validationDates: ['2025-12-12'] }

  test('are those of the test files, or the asked ones among them', () => {
    expect(testDates(record, ['2025-12-16', '2025-12-15'], undefined)).toEqual(['2025-12-15', '2025-12-16'])
    expect(testDates(record, ['2025-12-15', '2025-12-16'], ['2025-12-16'])).toEqual(['2025-12-16'])
  })

  test('may not be among those that trained or stopped PatchTST', () => {
    expect(() => testDates(record, ['2025-12-12', '2025-12-15'], undefined)).toThrow(
      'models: test dates 2025-12-12: walk-forward violation: PatchTST was trained or stopped on these dates.',
    )
  })

  test('may not lie before one of those', () => {
    expect(() => testDates(record, ['2025-12-09'], undefined)).toThrow(
      'models: test dates 2025-12-09: walk-forward violation: these dates lie before 2025-12-12, which PatchTST saw.',
    )
  })

  test('must be in the files', () => {
    expect(() => testDates(record, ['2025-12-15'], ['2025-12-18'])).toThrow(
      'models: testDates 2025-12-18: no matching dates in the test files.',
    )
  })
})
