/** Each folder of examples/ is what examples/README.md says: it can be copied, and takes nothing but what is published. */
import assert from 'node:assert/strict'
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'

const FOLDER = join(import.meta.dirname, '..', '..', 'examples')
/** So that one can read all of it before one copies it. Tests, styles and data are beside it. */
const MOST_LINES = 500
const names = readdirSync(FOLDER).filter((each) => existsSync(join(FOLDER, each, 'server.ts')))
const read = (...path: string[]): string => readFileSync(join(FOLDER, ...path), 'utf8')

test('there are examples', () => assert.ok(names.includes('chat')))

for (const name of names) {
  test(`${name} has what the convention asks for`, async () => {
    const component = name.charAt(0).toUpperCase() + name.slice(1)
    assert.match(read(name, `${name}.tsx`), new RegExp(`export const ${component}\\b`))
    assert.ok(read(name, 'README.md').includes(`npm run example -- ${name}`))
    const { rules, start } = (await import(join(FOLDER, name, 'server.ts'))) as Record<string, unknown>
    assert.ok(Array.isArray(rules) && typeof start === 'function')
    for (const { pattern } of rules as { pattern: string }[])
      assert.ok(pattern.startsWith(`${name}/`), `${pattern} begins with ${name}/`)
  })

  test(`${name} is small`, () => {
    const files = globSync('**/*.{ts,tsx}', { cwd: join(FOLDER, name) }).filter(
      (file) => !file.includes('.test.'),
    )
    const lines = files.map((file) => read(name, file).split('\n').length - 1)
    const sum = lines.reduce((sum, count) => sum + count, 0)
    assert.ok(sum <= MOST_LINES, `${name} has ${sum} lines, and may have ${MOST_LINES}`)
  })

  test(`${name} imports only what is published, or lies in its folder`, () => {
    for (const file of globSync('**/*.{ts,tsx}', { cwd: join(FOLDER, name) })) {
      for (const [, specifier = ''] of read(name, file).matchAll(/(?:from|import)\s+'(\.[^']*)'/g)) {
        const target = normalize(join(dirname(file), specifier))
        assert.ok(!target.startsWith('..'), `${name}/${file} imports ${specifier}`)
      }
    }
  })
}
