/** Numbers as a person reads them. */

const NUMBER = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const ONE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 })

export const formatNumber = (number: number): string => NUMBER.format(number)

/** `1 follower`, `2 followers` */
export const formatCount = (number: number, one: string): string =>
  `${formatNumber(number)} ${one}${number === 1 ? '' : 's'}`

export const formatBytes = (bytes: number): string => {
  if (bytes < 1024) return `${NUMBER.format(bytes)} B`
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  let [value, unit] = [bytes / 1024, 0]
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${ONE.format(value)} ${units[unit]}`
}

export const formatRate = (perSecond: number): string =>
  perSecond < 10 ? ONE.format(perSecond) : NUMBER.format(perSecond)

/** `3 s`, `5 min`, `2 h`, `4 d` */
export const formatAge = (ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`
  return seconds < 86_400 ? `${Math.floor(seconds / 3_600)} h` : `${Math.floor(seconds / 86_400)} d`
}
