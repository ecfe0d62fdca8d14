/**
 * The saved corpus: one small file for each input, hexadecimal text under a comment that says what it is. What a long
 * run finds is written here, and everything here is replayed before anything new is tried.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Rules } from './reference.ts'
import type { StreamInput } from './stream-check.ts'

export const CORPUS: string = join(import.meta.dirname, 'corpus')

export interface Entry extends StreamInput {
  readonly name: string
  readonly about: string
}

const DEFAULTS: Rules = {
  role: 'server',
  maxPayloadBytes: 200,
  maxFragments: 4,
  maxPendingPongs: 3,
  deflate: false,
  closing: false,
}

/** All entries, or those under one name. */
export const readCorpus = (only?: string): Entry[] =>
  readdirSync(CORPUS)
    .filter(
      (file) => file.endsWith('.hex') && (only === undefined || file === only || file === `${only}.hex`),
    )
    .map((file) => parseEntry(file, readFileSync(join(CORPUS, file), 'utf8')))

const parseEntry = (name: string, text: string): Entry => {
  const about: string[] = []
  const rules: Record<string, unknown> = { ...DEFAULTS }
  let cuts: number[] = []
  let digits = ''
  for (const line of text.split('\n')) {
    const [, setting, value = ''] = /^(\w+): (.*)$/.exec(line) ?? []
    if (line.startsWith('#')) about.push(line.slice(1).trim())
    else if (setting === undefined) digits += line.replaceAll(/\s/g, '')
    else if (setting === 'cuts') cuts = value.split(' ').map(Number)
    else if (setting in DEFAULTS) rules[setting] = setting === 'role' ? value : JSON.parse(value)
    else throw new Error(`${name}: there is no setting "${setting}"`)
  }
  if (digits.length % 2 !== 0 || /[^0-9a-f]/.test(digits)) throw new Error(`${name}: not hexadecimal`)
  if (about.length === 0) throw new Error(`${name}: what is it?`)
  return {
    name,
    about: about.join(' '),
    rules: rules as unknown as Rules,
    cuts,
    bytes: Uint8Array.from(Buffer.from(digits, 'hex')),
  }
}

const formatEntry = ({ rules, cuts, bytes }: StreamInput, about: string): string => {
  const settings = Object.entries(rules)
    .filter(([name, value]) => value !== DEFAULTS[name as keyof Rules])
    .map(([name, value]) => `${name}: ${name === 'role' ? value : JSON.stringify(value)}`)
  if (cuts.length > 0) settings.push(`cuts: ${cuts.join(' ')}`)
  const digits =
    Buffer.from(bytes)
      .toString('hex')
      .match(/.{1,100}/g) ?? []
  return `${[`# ${about}`, ...settings, ...digits].join('\n')}\n`
}

/** Writes a find. @returns the name of its file. */
export const saveEntry = (name: string, input: StreamInput, about: string): string => {
  mkdirSync(CORPUS, { recursive: true })
  const file = `${name}.hex`
  writeFileSync(join(CORPUS, file), formatEntry(input, about.replaceAll('\n', ' ')))
  return file
}
