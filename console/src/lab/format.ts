/** Numbers as the lab shows them: as many digits as can be told apart, and a dash for what is not known. */

export const formatMillis = (ms: number | null): { value: string; unit: string } => {
  if (ms === null) return { value: '–', unit: '' }
  if (ms < 9.95) return { value: ms.toFixed(1), unit: 'ms' }
  return ms < 995
    ? { value: Math.round(ms).toString(), unit: 'ms' }
    : { value: (ms / 1_000).toFixed(1), unit: 's' }
}

export const inMillis = (ms: number | null): string => {
  const { value, unit } = formatMillis(ms)
  return unit === '' ? value : `${value} ${unit}`
}

export const inBytes = (bytes: number | null): string =>
  bytes === null ? '–' : `${Math.round(bytes).toLocaleString('en')} B`

export const inMicros = (micros: number | null): string =>
  micros === null ? '–' : `${micros < 9.95 ? micros.toFixed(1) : Math.round(micros).toLocaleString('en')} µs`

export const inRequests = (count: number | null): string =>
  count === null
    ? '–'
    : count === 0
      ? '0'
      : count < 9.95
        ? count.toFixed(2)
        : Math.round(count).toLocaleString('en')
