// The grammar of Sec-WebSocket-Extensions (RFC 6455 §9.1), in linear time. Names and parameters are kept as a list, so
// that none of them (`__proto__`, `constructor`) can mean anything to an object. It accepts no extension by itself.

import { COMMA, isToken, skipSpace, skipToken } from './header.ts'

const SEMICOLON = 0x3b
const EQUALS = 0x3d
const QUOTE = 0x22
const BACKSLASH = 0x5c

export interface ExtensionParameter {
  readonly name: string
  /** Absent when the parameter stands alone. */
  readonly value?: string
}

/** One offer of a client, or one choice of a server. */
export interface Extension {
  readonly name: string
  readonly parameters: readonly ExtensionParameter[]
}

/** The extensions in a header value, or undefined when it does not follow the grammar. */
export function parseExtensions(text: string): Extension[] | undefined {
  const extensions: Extension[] = []
  const scanner = new ExtensionScanner(text)
  do {
    const extension = scanner.extension()
    if (extension === undefined) return undefined
    extensions.push(extension)
  } while (scanner.take(COMMA))
  return scanner.atEnd() ? extensions : undefined
}

/** The header value that says these extensions; values are tokens and need no quotes. */
export function formatExtensions(extensions: readonly Extension[]): string {
  return extensions
    .map(({ name, parameters }) => [name, ...parameters.map(formatParameter)].join('; '))
    .join(', ')
}

function formatParameter({ name, value }: ExtensionParameter): string {
  return value === undefined ? name : `${name}=${value}`
}

class ExtensionScanner {
  private readonly text: string
  private position = 0

  constructor(text: string) {
    this.text = text
  }

  atEnd(): boolean {
    return this.position === this.text.length
  }

  /** Steps over a delimiter and the space around it. */
  take(code: number): boolean {
    const at = skipSpace(this.text, this.position)
    const found = this.text.charCodeAt(at) === code
    this.position = found ? skipSpace(this.text, at + 1) : at
    return found
  }

  extension(): Extension | undefined {
    this.position = skipSpace(this.text, this.position)
    const name = this.token()
    if (name === '') return undefined
    const parameters: ExtensionParameter[] = []
    while (this.take(SEMICOLON)) {
      const parameter = this.parameter()
      if (parameter === undefined) return undefined
      parameters.push(parameter)
    }
    return { name, parameters }
  }

  private parameter(): ExtensionParameter | undefined {
    const name = this.token()
    if (name === '') return undefined
    if (!this.take(EQUALS)) return { name }
    const value = this.text.charCodeAt(this.position) === QUOTE ? this.quoted() : this.token()
    // §9.1: a quoted value, once unquoted, is a token too.
    return isToken(value) ? { name, value } : undefined
  }

  private token(): string {
    const start = this.position
    this.position = skipToken(this.text, start)
    return this.text.slice(start, this.position)
  }

  /** The unquoted value, or '' (which is no token) when the quotes do not close. */
  private quoted(): string {
    let value = ''
    for (let at = this.position + 1; at < this.text.length; at++) {
      const code = this.text.charCodeAt(at)
      if (code === QUOTE) {
        this.position = at + 1
        return value
      }
      if (code === BACKSLASH) at++
      value += this.text.charAt(at)
    }
    return ''
  }
}
