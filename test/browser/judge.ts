/** A page as axe-core judges it, whether it fits its window, and whether a finger hits what it should. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** In the light theme all of it; in the dark one, what differs there: the colours. */
export const judge = async (page: Page, when: string): Promise<void> => {
  await page.emulateMedia({ colorScheme: 'light' })
  assert.deepEqual(await faults(page), [], when)
  assert.deepEqual(await overflows(page), [], when)
  assert.deepEqual(await smallTargets(page), [], when)
  await page.emulateMedia({ colorScheme: 'dark' })
  assert.deepEqual(await faults(page, ['color-contrast']), [], `${when}, dark`)
}

interface AxeResult {
  readonly violations: readonly { id: string; nodes: readonly { html: string; failureSummary?: string }[] }[]
}

const faults = async (page: Page, rules?: string[]): Promise<string[]> => {
  // The page's policy forbids scripts from elsewhere; what the debugger evaluates is not the page's.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE)
  const { violations } = await page.evaluate((rules) => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<AxeResult> } }
    // Where all is well it need not say so of each element, which takes longer than finding out.
    const options = { resultTypes: ['violations'] }
    return axe.run(rules === undefined ? options : { ...options, runOnly: rules })
  }, rules)
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((each) => `${id}: ${each.html} ${each.failureSummary ?? ''}`),
  )
}

/** What a finger would miss: less than 44 px high or wide. Links within what was said are as high as its lines. */
const smallTargets = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    if (!matchMedia('(pointer: coarse)').matches) return []
    // Where the whole line can be pressed, or leads to the field, the line is the target.
    const lines = '.own-name, .composer-field, .choice, .segments label, .lab-knob-switch, .inspector-check'
    const targets = document.querySelectorAll<HTMLElement>('button, a, input, textarea')
    return [...targets].flatMap((element) => {
      if (element.closest('.message-text') !== null || !element.checkVisibility()) return []
      const target = element.closest('.send') ?? element.closest(lines) ?? element
      const { width, height } = target.getBoundingClientRect()
      if (width === 0 || (width >= 44 && height >= 44)) return []
      return [`${target.className || target.tagName} is ${width} by ${height} px`]
    })
  })

/** What is wider than the page, or stands out of it, unless it is hidden or cut off on purpose. */
const overflows = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement
    const wide = scrollWidth > clientWidth ? [`the page is ${scrollWidth} px wide in ${clientWidth} px`] : []
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      if (element.closest('.visually-hidden, svg') !== null || !element.checkVisibility()) continue
      const { left, right, width, height } = element.getBoundingClientRect()
      if (width === 0 || height === 0) continue
      if (left < -0.5 || right > clientWidth + 0.5)
        wide.push(`${element.className || element.tagName}: ${left} to ${right}`)
      const { overflowX, textOverflow, clipPath } = getComputedStyle(element)
      const cut = textOverflow === 'ellipsis' || overflowX === 'visible' || clipPath !== 'none'
      if (!cut && element.scrollWidth > element.clientWidth + 1)
        wide.push(
          `${element.className || element.tagName} holds ${element.scrollWidth} px in ${element.clientWidth}`,
        )
    }
    return wide
  })
