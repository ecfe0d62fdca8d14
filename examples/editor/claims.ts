/**
 * What others claim about themselves, made safe: anyone who may publish can claim any name and any place. A colour is
 * given here, never taken, and a place is in this text or nowhere.
 */
export interface Writer {
  readonly id: string
  readonly name: string
}

/** The text within the document. */
export const TEXT_NAME = 'text'
export const MOST_NAME_LENGTH = 40
const HUES = 12

interface Place {
  readonly type: null
  readonly tname: string | null
  readonly item: { readonly client: number; readonly clock: number } | null
  readonly assoc: number
}

/** What a cursor of theirs is drawn from; undefined when they claim no name. */
export const acceptClaim = (state: unknown): object | undefined => {
  const { user, cursor } = fieldsOf(state)
  const { id, name } = fieldsOf(user)
  if (typeof id !== 'string' || typeof name !== 'string' || id.length > 100) return undefined
  const { anchor, head } = fieldsOf(cursor)
  const [from, to] = [placeOf(anchor), placeOf(head)]
  return {
    user: drawnUser({ id, name: name.slice(0, MOST_NAME_LENGTH) }),
    cursor: from === undefined || to === undefined ? null : { anchor: from, head: to },
  }
}

/** A colour that is the same for the same person everywhere, legible in both themes. */
export const colourOf = (id: string): string => {
  const hue = hueOf(id)
  return `light-dark(hsl(${hue} 70% 33%), hsl(${hue} 75% 74%))`
}

export const drawnUser = ({ id, name }: Writer): object => ({
  id,
  name,
  color: colourOf(id),
  colorLight: `color-mix(in srgb, ${colourOf(id)} 22%, transparent)`,
})

const hueOf = (id: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193)
  return ((hash >>> 8) % HUES) * (360 / HUES)
}

/** A relative position of Yjs. */
const placeOf = (value: unknown): Place | undefined => {
  const { type = null, tname = null, item = null, assoc = 0 } = fieldsOf(value)
  if (type !== null || (tname !== null && tname !== TEXT_NAME) || !Number.isSafeInteger(assoc))
    return undefined
  if (item === null) return tname === null ? undefined : { type, tname, item, assoc: Number(assoc) }
  const { client, clock } = fieldsOf(item)
  if (!isCount(client) || !isCount(clock)) return undefined
  return { type, tname, item: { client, clock }, assoc: Number(assoc) }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
