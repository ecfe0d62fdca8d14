/** The terminal sessions that a document shows, and what really comes when they are typed. */
import { spawn } from 'node:child_process'

export interface Step {
  readonly command: string
  /** What the document says that comes; `…` stands for anything within a line. */
  readonly expected: string
}

/** The steps of all ```console blocks of a document, in their order. */
export const stepsOf = (document: string): Step[] =>
  [...document.matchAll(/```console\n(.*?)```/gs)].flatMap(([, block = '']) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((step) => {
        const end = step.indexOf('\n')
        return { command: step.slice(0, end), expected: withoutEnd(step.slice(end + 1)) }
      }),
  )

/** Whether the last line is ended is not seen on a terminal. */
const withoutEnd = (text: string): string => text.replace(/\n+$/, '')

/** What no command prints. */
const MARK = '\u001e'

/** Types them all into one shell. @returns what came of each. */
export const type = async (
  steps: readonly Step[],
  env: Record<string, string>,
  cwd?: string,
): Promise<string[]> => {
  const script = steps.map(({ command }) => `printf '${MARK}'\n${command}\n`).join('')
  const shell = spawn('sh', ['-s'], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  shell.stdin.end(script)
  const output = (await shell.stdout.setEncoding('utf8').toArray()).join('')
  return output.split(MARK).slice(1).map(withoutEnd)
}

export const isAsExpected = (came: string, expected: string): boolean => {
  const pattern = expected
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^\\n"]*')
  return new RegExp(`^${pattern}$`).test(came)
}
