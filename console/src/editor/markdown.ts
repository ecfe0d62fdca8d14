/** Which parts of a line of Markdown look different: headings, emphasis, code, quotes, lists. It parses no document. */
export interface Mark {
  readonly from: number
  readonly to: number
  readonly className: string
}

export interface LineMarks {
  /** Of the line as a whole. */
  readonly line: string | undefined
  readonly marks: readonly Mark[]
}

const STARTS: readonly (readonly [RegExp, string])[] = [
  [/^# /, 'md-h1'],
  [/^## /, 'md-h2'],
  [/^#{3,6} /, 'md-h3'],
  [/^> ?/, 'md-quote'],
  [/^\s{0,8}(?:[-*+]|\d{1,9}[.)]) /, 'md-item'],
]

/** None of them can match in two ways, so that a long line takes linear time. */
const SPANS: readonly (readonly [RegExp, string])[] = [
  [/`[^`\n]+`/g, 'md-code'],
  [/\*\*[^*\n]+\*\*/g, 'md-strong'],
  [/(?<![*\w])\*[^*\s][^*\n]*\*(?!\*)/g, 'md-emphasis'],
  [/(?<![\w_])_[^_\s][^_\n]*_(?!\w)/g, 'md-emphasis'],
]

/** Beyond this nobody reads a line for its emphasis. */
const LONGEST = 2_000

export const markLine = (text: string): LineMarks => {
  const marks: Mark[] = []
  const start = STARTS.find(([pattern]) => pattern.test(text))
  const sign = start === undefined ? 0 : (start[0].exec(text)?.[0].length ?? 0)
  if (sign > 0) marks.push({ from: 0, to: sign, className: 'md-sign' })
  if (text.length <= LONGEST) {
    for (const [pattern, className] of SPANS) {
      for (const { index, 0: span } of text.matchAll(pattern)) {
        if (index >= sign && !marks.some(({ from, to }) => index < to && from < index + span.length))
          marks.push({ from: index, to: index + span.length, className })
      }
    }
  }
  return { line: start?.[1], marks: marks.toSorted((a, b) => a.from - b.from) }
}
