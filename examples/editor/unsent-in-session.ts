/** Keeps what is unsent in this tab's session, so that a reload loses nothing. Storage may be off or full. */
import type { UnsentStore } from 'holdfast/yjs'

const PIECE = 0x8000

export const unsentInSession = (name: string): UnsentStore => {
  const key = `holdfast.editor.unsent.${name}`
  return {
    load: () => {
      const text = sessionStorage.getItem(key)
      return text === null ? undefined : Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
    },
    save: (update) => {
      if (update === undefined) sessionStorage.removeItem(key)
      else sessionStorage.setItem(key, btoa(textOf(update)))
    },
  }
}

const textOf = (bytes: Uint8Array): string => {
  let text = ''
  for (let at = 0; at < bytes.length; at += PIECE)
    text += String.fromCharCode(...bytes.subarray(at, at + PIECE))
  return text
}
