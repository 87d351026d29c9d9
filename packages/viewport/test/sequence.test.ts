import { type SequenceCounts, sequenceWatch } from '@breakwater/viewport'
import { expect, test } from 'vitest'

type Message = readonly [sequence: string, run?: string]

function after(messages: readonly Message[]): SequenceCounts {
  const watch = sequenceWatch()
  for (const [sequence, run = ''] of messages) watch.take(sequence, run)
  return watch.counts
}

test.each<[string, readonly Message[], SequenceCounts]>([
  ['one after the other: none', [['7'], ['8'], ['9']], { missed: 0, restarts: 0 }],
  ['with gaps: what lies in them', [['7'], ['8'], ['11'], ['13']], { missed: 3, restarts: 0 }],
  ['twice the same: none', [['7'], ['7'], ['8']], { missed: 0, restarts: 0 }],
  [
    'of another run: none between the runs',
    [
      ['7', 'a'],
      ['90', 'b'],
      ['92', 'b'],
    ],
    { missed: 1, restarts: 1 },
  ],
  ['that begin anew: none before', [['7'], ['1'], ['3']], { missed: 1, restarts: 1 }],
  [
    'that are none: nothing',
    [['x'], ['7'], ['-1'], ['1e9'], [''], ['9'.repeat(16)], ['8']],
    { missed: 0, restarts: 0 },
  ],
])('numbers %s is missed', (_, messages, counts) => {
  expect(after(messages)).toEqual(counts)
})
