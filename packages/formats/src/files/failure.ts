interface Rule {
  readonly why: string
  readonly fix: string
  /** What the C library calls it: other libraries pass on its words alone. */
  readonly words?: string
}

const RULES: Readonly<Record<string, Rule>> = {
  ENOSPC: {
    why: 'the disk is full',
    fix: 'Free space there, or write to another disk.',
    words: 'No space left on device',
  },
  EDQUOT: {
    why: "this user's disk quota is used up",
    fix: 'Free space, or have the quota raised.',
    words: 'Disk quota exceeded',
  },
  EIO: {
    why: 'the disk reported a fault',
    fix: 'Check the disk, and write to another one until it is mended.',
    words: 'Input/output error',
  },
  EROFS: {
    why: 'the file system can only be read',
    fix: 'Mount it for writing, or write elsewhere.',
    words: 'Read-only file system',
  },
  EACCES: {
    why: 'this user may not write there',
    fix: 'Give write permission on the folder, or write elsewhere.',
    words: 'Permission denied',
  },
  EPERM: { why: 'the system forbids it', fix: 'Give write permission on the folder, or write elsewhere.' },
  EFBIG: { why: 'the file would be larger than allowed here', fix: 'Raise the limit (ulimit -f), or write less.' },
  EMFILE: { why: 'this process has too many open files', fix: 'Raise the limit (ulimit -n).' },
  ENFILE: { why: 'the system has too many open files', fix: 'Close programs, or raise the limit.' },
  ENAMETOOLONG: { why: 'the name is too long', fix: 'Choose a shorter one.' },
  ENOTDIR: { why: 'a part of the path is not a folder', fix: 'Correct the path.' },
  EEXIST: { why: 'something else is there', fix: 'Choose another path, or remove what is there.' },
  ELOOP: { why: 'it is a symbolic link', fix: 'Pass the path that the link points to.' },
  EPIPE: { why: 'its reader has gone', fix: 'Keep the reader open until the end.' },
}

const OTHER: Rule = { why: 'the system refused', fix: 'See the cause.' }

/** What was being done to which file when a call failed, and what the path holds now. */
export interface FailedWrite {
  readonly path: string
  /** As in "could not be written". */
  readonly deed: 'written' | 'appended to' | 'brought to the disk'
  /** A clause on what the path holds now, without a full stop. */
  readonly state: string
}

/** A file was not written, or not to its end; the message names it, the reason, what the path holds now and the fix. */
export class WriteError extends Error {
  override readonly name = 'WriteError'
}

/**
 * The error for a write that failed: the file, why, what it holds now and the likely fix, with the call's error as its
 * cause. An error of another kind than a system call's keeps its own words; a {@link WriteError} is complete as it is.
 */
export function writeFailure({ path, deed, state }: FailedWrite, cause: unknown): WriteError {
  if (cause instanceof WriteError) return cause
  const code = knownCode(cause)
  const { why, fix } = RULES[code ?? ''] ?? OTHER
  const reason = code === undefined ? messageOf(cause) : `${why} (${code})`
  return new WriteError(`formats: ${path}: could not be ${deed}: ${reason}; ${state}. ${fix}`, { cause })
}

/** The code of a system error, such as `ENOSPC`; undefined where it has none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** The code of a system error, or the one whose words a library passed on; undefined where it has neither. */
export function knownCode(cause: unknown): string | undefined {
  const code = codeOf(cause)
  if (code !== undefined && /^E[A-Z0-9]+$/.test(code)) return code
  const message = messageOf(cause)
  return Object.keys(RULES).find((each) => {
    const words = RULES[each]?.words
    return words !== undefined && message.includes(words)
  })
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
