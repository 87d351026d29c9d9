/** Folder of the versions, in the folder whose pointers name them. */
export const VERSIONS = 'versions'

/** Where a pointer lists a version's file: relative to the pointer's folder, with / on every system. */
export const pathInVersion = (id: string, file: string): string => `${VERSIONS}/${id}/${file}`

/** What a pointer may list: the name of a file beside it, or of one in a version. */
export const LISTED_FILE: RegExp = new RegExp(String.raw`^(?:${VERSIONS}/\w+/)?[\w-][\w.-]*$`)
