/** The name of a set, index or model for a person: that of its pointer without `.json`. */
export const setName = (pointer: string): string => pointer.replace(/\.json$/, '')
