/** A friendly name for someone who has not said theirs. */

const MANNERS = [
  'Amber', 'Brave', 'Bright', 'Calm', 'Clever', 'Early', 'Gentle', 'Golden', 'Happy', 'Keen', 'Kind', 'Lucky',
  'Merry', 'Mild', 'Nimble', 'Patient', 'Quick', 'Quiet', 'Silver', 'Steady', 'Sunny', 'Swift', 'Warm', 'Witty',
] // prettier-ignore
const ANIMALS = [
  'Badger', 'Beaver', 'Crane', 'Curlew', 'Dolphin', 'Falcon', 'Finch', 'Fox', 'Hare', 'Heron', 'Ibis', 'Kestrel',
  'Lark', 'Lynx', 'Marten', 'Otter', 'Owl', 'Puffin', 'Raven', 'Robin', 'Seal', 'Stork', 'Swallow', 'Wren',
] // prettier-ignore

const one = (words: readonly string[]): string => words[Math.floor(Math.random() * words.length)] as string

export const inventName = (): string => `${one(MANNERS)} ${one(ANIMALS)}`
