import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Repository } from './repository.ts'

/** Something that no file may contain. */
interface Ban {
  readonly pattern: RegExp
  readonly rule: string
  /** Which files are looked at; all when absent. */
  readonly files?: RegExp
}

/** Patterns are put together from parts so that this file does not contain what it bans. */
const BANS: readonly Ban[] = [
  {
    // A path from the root of a machine, a file URL, or an entry of a list like PATH.
    pattern:
      /(?:(?<![\w.~}/])|(?<=file:\/\/))\/(?:home|Users|work|mnt|opt|srv|root|tmp|var\/(?:folders|lib|log|tmp)|private\/(?:tmp|var)|dev\/shm)\/\w/,
    rule: 'no absolute path of a machine. Use a path relative to the file or the repository',
  },
  {
    pattern: /(?<![\w.~}/:])\/(?:root|tmp)(?![\w/.-])/,
    rule: 'no absolute path of a machine. Use a path relative to the file, or os.tmpdir()',
  },
  { pattern: /(?<!\w)[A-Z]:(?:\\\\?|\/)\w/, rule: 'no absolute path of a machine. Use a relative path' },
  {
    pattern: new RegExp(
      String.raw`https?://[\w.-]*(?:${['regis', 'try'].join('')}|artifactory|nexus|verdaccio)[\w.-]*`,
    ),
    rule: 'no package host. Leave it to each user’s npm configuration',
  },
  {
    pattern: new RegExp(String.raw`\b(?:${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')})\b`),
    rule: 'no note to do it later. Do it or open an issue',
  },
  { pattern: new RegExp(['@ts', '(?:ignore|nocheck)'].join('-')), rule: 'no silenced type error. Fix its cause' },
  {
    pattern: /\b(?:test|it|describe|suite|bench)(?:\.\w+)*\.(?:only|skip)\(/,
    rule: 'no test is singled out or left out. Remove it, or use skipIf with a name that says when',
    files: /\.[cm]?[jt]sx?$/,
  },
]

/** Files that others write, recordings of other programs among them, or whose text is fixed. */
const EXEMPT =
  /(?:^|\/)(?:pnpm-lock\.yaml|package-lock\.json|LICENSE)$|\/fixtures\/wandb-sdk\.jsonl$|\.(?:parquet|onnx|png|ico|safetensors|wasm|wandb)$/

/** Files that programs leave behind. */
const JUNK =
  /^wandb\/|(?:^|\/)(?:mlruns|__pycache__|\.venv|venv|node_modules|\.pytest_cache)\/|\.(?:log|pyc|tsbuildinfo|tgz)$|(?:^|\/)(?:\.DS_Store|Thumbs\.db)$/

/** Paths of `files` that are leftovers of programs: logs, caches, environments, run folders of tracking systems. */
export function junkViolations(files: readonly string[]): string[] {
  return files
    .filter((path) => JUNK.test(path))
    .map((path) => `${path}: left behind by a program. Remove it from git; .gitignore should name it.`)
}

/** The files that git keeps in the repository at `root`, ignored ones included; null outside a checkout. */
export function trackedFiles(root: string): readonly string[] | null {
  if (!existsSync(join(root, '.git'))) return null
  const listed = execFileSync('git', ['-C', root, 'ls-files', '-z'], { encoding: 'utf8', maxBuffer: 2 ** 26 })
  return listed.split('\0').filter((path) => path !== '')
}

/** Lines that contain what no file may: machine paths, package hosts, notes to do it later, silenced types, lone tests. */
export function hygieneViolations(repository: Pick<Repository, 'files' | 'read'>): string[] {
  return repository.files
    .filter((path) => !EXEMPT.test(path))
    .flatMap((path) => violations(path, repository.read(path)))
}

function violations(path: string, text: string): string[] {
  const bans = BANS.filter(({ pattern, files }) => (files === undefined || files.test(path)) && pattern.test(text))
  if (bans.length === 0) return []
  return text.split('\n').flatMap((line, at) =>
    bans.flatMap(({ pattern, rule }) => {
      const found = pattern.exec(line)
      return found === null ? [] : [`${path}:${at + 1}: '${found[0]}': ${rule}.`]
    }),
  )
}
