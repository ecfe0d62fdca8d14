/** What this browser remembers. Storage may be switched off or full: then nothing is remembered, and nothing fails. */

type Where = () => Storage

/** For as long as the browser keeps it. */
const browser: Where = () => localStorage
/** For this tab, also over a reload. */
export const tab: Where = () => sessionStorage

export const recall = (key: string, where: Where = browser): string | undefined => {
  try {
    return where().getItem(key) ?? undefined
  } catch {
    return undefined
  }
}

export const remember = (key: string, text: string, where: Where = browser): void => {
  try {
    where().setItem(key, text)
  } catch {
    // Remembered for as long as the page lives.
  }
}

/** A JSON value that was remembered; undefined when there is none, or when it is not JSON. */
export const recallJson = (key: string, where: Where = browser): unknown => {
  try {
    return JSON.parse(recall(key, where) ?? '') as unknown
  } catch {
    return undefined
  }
}
