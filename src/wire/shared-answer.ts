// An answer that many are given: its head and body become one buffer, made once for all of them, and again when what is
// around it has changed: fields of the response's own, and the second in its date. It is written by nobody but
// plain-exchange.ts.

export class SharedAnswer {
  readonly status: number
  readonly fields: Readonly<Record<string, string | number>>
  readonly body: Buffer
  private whole: Buffer | undefined
  private own: readonly string[] = []
  private date = ''
  private connection = ''

  /** @param fields names in lower case, `content-length` among them. */
  constructor(status: number, fields: Readonly<Record<string, string | number>>, body: Buffer) {
    this.status = status
    this.fields = fields
    this.body = body
  }

  /** @param own what the response says besides, names and values in turn. @param writer makes a head of it all. */
  encode(own: readonly string[], date: string, connection: string, writer: HeadWriter): Buffer {
    const { whole, status, fields, body } = this
    if (whole !== undefined && date === this.date && connection === this.connection && isSame(own, this.own))
      return whole
    this.own = own
    this.date = date
    this.connection = connection
    const head = writer.writeHead(status, fields).head()
    this.whole = Buffer.concat([Buffer.from(head, 'latin1'), body])
    return this.whole
  }
}

interface HeadWriter {
  writeHead(status: number, fields: Readonly<Record<string, string | number>>): this
  head(): string
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  if (some === others) return true
  if (some.length !== others.length) return false
  for (let at = 0; at < some.length; at++) if (some[at] !== others[at]) return false
  return true
}
