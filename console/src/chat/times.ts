/** Times and days as people say them, in the browser's language and zone. */

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
const DAY = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
const DAY_MS = 86_400_000

export const clockTime = (time: number): string => CLOCK.format(time)

export const exactTime = (time: number): string => EXACT.format(time)

export const dayName = (time: number, now: number = Date.now()): string => {
  const day = new Date(time).toDateString()
  if (day === new Date(now).toDateString()) return 'Today'
  if (day === new Date(now - DAY_MS).toDateString()) return 'Yesterday'
  return DAY.format(time)
}
