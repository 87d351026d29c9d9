import {
  dateList,
  directions,
  examples,
  lossWeights,
  numberIn,
  positiveList,
  sameBus,
  wholeList,
  wholeNumber,
  wordList,
  words,
} from '@breakwater/command-line'
import { Command } from 'commander'
import { expect, test } from 'vitest'

test('lists are read with spaces, with commas and from a repeated flag', () => {
  expect(words('a, b  c', ['z'])).toEqual(['z', 'a', 'b', 'c'])
  expect(wordList(['up', 'down'])('up,down', undefined)).toEqual(['up', 'down'])
  expect(dateList('2024-02-29,2025-12-15', ['2024-01-02'])).toEqual(['2024-01-02', '2024-02-29', '2025-12-15'])
  expect(positiveList('60 1.5', undefined)).toEqual([60, 1.5])
  expect(wholeList(0)('0,3', [1])).toEqual([1, 0, 3])
  expect(lossWeights(['a', 'b'])('a=1,b=0.5', undefined)).toEqual({ a: 1, b: 0.5 })
})

test('directions are read by column, from one flag or several', () => {
  expect(directions('moved=+1 sma_spread=-1', undefined)).toEqual({ moved: 1, sma_spread: -1 })
  expect(directions('atr=-1', { moved: 1 })).toEqual({ moved: 1, atr: -1 })
})

test.each([
  [() => directions('moved', undefined), '"moved" is not a direction of a column: write column=+1 or column=-1.'],
  [() => directions('moved=1', undefined), '"moved=1" is not a direction of a column'],
  [() => directions('moved=-1', { moved: 1 }), '"moved=-1" contradicts moved=1. Give one direction a column.'],
  [() => dateList('2025-02-29', undefined), '"2025-02-29" is not a date: write YYYY-MM-DD.'],
  [() => dateList('15/12/2025', undefined), '"15/12/2025" is not a date: write YYYY-MM-DD.'],
  [() => wordList(['up', 'down'])('sideways', undefined), '"sideways" is not one of up, down.'],
  [() => positiveList('0', undefined), '"0" is not a number above 0.'],
  [() => wholeNumber(1)('1e400'), '"1e400" is not a whole number of at least 1.'],
  [() => wholeNumber(1)(' '), '" " is not a whole number of at least 1.'],
  [() => wholeNumber(0)('9007199254740993'), '"9007199254740993" is not a whole number of at least 0.'],
  [() => numberIn(0, 1)('1.5'), '"1.5" is not a number from 0 to 1.'],
  [() => numberIn(0, Infinity)('-1'), '"-1" is not a number of at least 0.'],
  [() => lossWeights(['a'])('b=1', undefined), '"b" is not one of a.'],
])('a value that cannot be read is refused with its rule (%#)', (read, message) => {
  expect(read).toThrow(message)
})

/** The examples in the help of a command of a program. */
function helpOf(program: string): string {
  const command = new Command('train').addHelpText(
    'after',
    examples('trainer train --folds 2', 'PORT=1 scorer serve', 'count a'),
  )
  new Command(program).addCommand(command)
  let help = ''
  command.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp()
  return help.slice(help.indexOf('\nExamples:'))
}

test('examples stand below the options, one a line, in the name of the program that is asked', () => {
  expect(helpOf('breakwater')).toBe(
    '\nExamples:\n  breakwater train --folds 2\n  PORT=1 breakwater serve\n  count a\n\n',
  )
  expect(helpOf('trainer')).toContain('\n  trainer train --folds 2\n')
})

test('a bus is named again by the flags that were given', () => {
  expect(sameBus(undefined, {})).toBe('')
  expect(sameBus(['nats://a:4222', 'nats://b:4222'], { creds: 'my.creds', tlsCa: 'ca.pem' })).toBe(
    '--nats nats://a:4222 nats://b:4222 --creds my.creds --tls-ca ca.pem',
  )
})
