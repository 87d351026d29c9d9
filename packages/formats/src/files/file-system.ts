/** What lies at a path; a link is never followed. */
export type FileKind = 'file' | 'folder' | 'link' | 'other'

/** What the writer has to know of a path. */
export interface FileStatus {
  readonly kind: FileKind
  /** Length in bytes. */
  readonly size: number
  /** Permission bits, as in `0o644`. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** An open file. Every method rejects with the error of the system call, which has a `code` such as `ENOSPC`. */
export interface OpenFile {
  /** Writes the bytes at the current end or position; resolves to how many the system took, which may be fewer. */
  readonly write: (bytes: Uint8Array) => Promise<number>
  /** Reads up to `length` bytes from `position`; fewer at the end of the file. */
  readonly read: (position: number, length: number) => Promise<Uint8Array>
  readonly size: () => Promise<number>
  readonly truncate: (length: number) => Promise<void>
  /** Gives the file the permissions and, where the system allows it, the owner of another. */
  readonly inherit: (status: FileStatus) => Promise<void>
  readonly sync: () => Promise<void>
  readonly close: () => Promise<void>
}

/** How {@link FileSystem.open} opens a file: a new one that must not exist, one to append to, or one that exists. */
export type OpenMode = 'create' | 'append' | 'update'

/** The calls that the writers make; tests pass one whose calls fail. */
export interface FileSystem {
  readonly open: (path: string, mode: OpenMode, permissions?: number) => Promise<OpenFile>
  /** What lies at the path, links not followed; null where nothing does. */
  readonly status: (path: string) => Promise<FileStatus | null>
  /** Makes a folder and those above it; resolves to the first that was made, or null where all existed. */
  readonly makeFolder: (path: string) => Promise<string | null>
  readonly list: (folder: string) => Promise<readonly string[]>
  /** Bytes that this user may still write in the folder's file system; null where the system does not report it. */
  readonly freeBytes: (folder: string) => Promise<number | null>
  readonly copy: (from: string, to: string) => Promise<void>
  readonly rename: (from: string, to: string) => Promise<void>
  /** Gives a file a second name; rejects with EEXIST where something lies there. */
  readonly link: (from: string, to: string) => Promise<void>
  /** Removes a file; nothing where there is none. */
  readonly remove: (path: string) => Promise<void>
  /** Removes a folder with all that is in it; nothing where there is none. */
  readonly removeFolder: (path: string) => Promise<void>
  /** Brings a folder's entries to the disk; nothing where folders cannot be synced. */
  readonly syncFolder: (folder: string) => Promise<void>
}

/** The process that writes, as temporary names tell it. */
export interface WritingProcess {
  readonly pid: number
  /** Name of the machine and of its process numbers, letters and digits: pids of another mean nothing here. */
  readonly host: string
  /** New letters and digits at each call. */
  readonly random: () => string
  /** Whether a process of this host runs. */
  readonly isRunning: (pid: number) => boolean
  /**
   * When a process of this host started, in the system's words: one that has the number of another that ended has another start.
   * null where the system does not tell.
   */
  readonly startOf: (pid: number) => string | null
  /** When this machine started, milliseconds since 1970. */
  readonly bootedAt: () => number
}
