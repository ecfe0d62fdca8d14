/** What this browser remembers. Storage may be switched off or full: then nothing is remembered, and nothing fails. */

export const recall = (key: string, storage: () => Storage = () => localStorage): string | undefined => {
  try {
    return storage().getItem(key) ?? undefined
  } catch {
    return undefined
  }
}

export const remember = (key: string, text: string, storage: () => Storage = () => localStorage): void => {
  try {
    storage().setItem(key, text)
  } catch {
    // Remembered for as long as the page lives.
  }
}

export const forget = (key: string, storage: () => Storage = () => localStorage): void => {
  try {
    storage().removeItem(key)
  } catch {
    // There was nothing to forget.
  }
}

/** A JSON value that was remembered; undefined when there is none, or when it is not JSON. */
export const recallJson = (key: string, storage?: () => Storage): unknown => {
  const text = recall(key, storage)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
