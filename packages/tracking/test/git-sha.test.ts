import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { readGitSha } from '@breakwater/tracking/node'
import { expect, test } from 'vitest'
import { temporaryFolder } from './temporary.ts'

const IDENTITY = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' }

const git = (cwd: string, ...args: readonly string[]): string =>
  execFileSync('git', [...args], {
    cwd,
    env: { PATH: process.env['PATH'], ...IDENTITY },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
    .toString()
    .trim()

function repository(): string {
  const folder = temporaryFolder()
  git(folder, 'init', '--initial-branch', 'main')
  writeFileSync(join(folder, 'a'), '1')
  git(folder, 'add', '.')
  git(folder, 'commit', '-m', 'one')
  return folder
}

test('the commit of a branch, of a folder below, and after another commit', () => {
  const folder = repository()
  expect(readGitSha(folder)).toBe(git(folder, 'rev-parse', 'HEAD'))
  mkdirSync(join(folder, 'x', 'y'), { recursive: true })
  expect(readGitSha(join(folder, 'x', 'y'))).toBe(git(folder, 'rev-parse', 'HEAD'))
  git(folder, 'commit', '--allow-empty', '-m', 'two')
  expect(readGitSha(folder)).toBe(git(folder, 'rev-parse', 'HEAD'))
})

test('a branch whose refs are packed, and one that moved on after packing', () => {
  const folder = repository()
  git(folder, 'pack-refs', '--all')
  expect(readGitSha(folder)).toBe(git(folder, 'rev-parse', 'HEAD'))
  git(folder, 'commit', '--allow-empty', '-m', 'two')
  expect(readGitSha(folder)).toBe(git(folder, 'rev-parse', 'HEAD'))
})

test('a detached head', () => {
  const folder = repository()
  git(folder, 'commit', '--allow-empty', '-m', 'two')
  git(folder, 'checkout', '--detach', 'HEAD~1')
  expect(readGitSha(folder)).toBe(git(folder, 'rev-parse', 'HEAD'))
})

test('a worktree has a commit of its own, on a branch loose or packed, and detached', () => {
  const folder = repository()
  const tree = join(temporaryFolder(), 'tree')
  git(folder, 'worktree', 'add', '-b', 'other', tree)
  git(tree, 'commit', '--allow-empty', '-m', 'two')
  const own = git(tree, 'rev-parse', 'HEAD')
  expect(own).not.toBe(git(folder, 'rev-parse', 'HEAD'))
  expect(readGitSha(tree)).toBe(own)
  git(folder, 'pack-refs', '--all')
  expect(readGitSha(tree)).toBe(own)
  git(tree, 'checkout', '--detach')
  expect(readGitSha(tree)).toBe(own)
})

test('null outside a checkout, before the first commit, and where .git is something else', () => {
  expect(readGitSha(temporaryFolder())).toBeNull()
  const empty = temporaryFolder()
  git(empty, 'init')
  expect(readGitSha(empty)).toBeNull()
  const strange = temporaryFolder()
  writeFileSync(join(strange, '.git'), 'nothing of use')
  expect(readGitSha(strange)).toBeNull()
})
