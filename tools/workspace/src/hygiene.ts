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
    pattern: /(?<![\w.~}:/])\/(?:home|Users|work|root|mnt|opt|srv)\/\w/,
    rule: 'no absolute path of a machine. Use a path relative to the file or the repository',
  },
  { pattern: /(?<!\w)[A-Z]:\\\\?\w/, rule: 'no absolute path of a machine. Use a relative path' },
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

/** Files that others write, or whose text is fixed. */
const EXEMPT = /(?:^|\/)(?:pnpm-lock\.yaml|package-lock\.json|LICENSE)$|\.(?:parquet|onnx|png|ico|safetensors|wasm)$/

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
