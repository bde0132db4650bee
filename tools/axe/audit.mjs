// Looks at HTML files as people see them: on a phone and on a desk, light, dark
// and on paper. Prints what axe finds, what is wider than the screen, and what a
// page asks for beside itself, as JSON lines; nothing is printed of a sound page.
//
//   node audit.mjs CHROMIUM FILE...      SCREENSHOTS=folder keeps pictures

import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const views = [
  { name: '390-light', width: 390, height: 844, colorScheme: 'light', media: 'screen' },
  { name: '390-dark', width: 390, height: 844, colorScheme: 'dark', media: 'screen' },
  { name: '1280-light', width: 1280, height: 900, colorScheme: 'light', media: 'screen' },
  { name: '1280-dark', width: 1280, height: 900, colorScheme: 'dark', media: 'screen' },
  { name: 'print', width: 718, height: 1000, colorScheme: 'light', media: 'print' },
];
const [program, ...files] = process.argv.slice(2);
const pictures = process.env.SCREENSHOTS;
const tell = (file, view, what) => console.log(JSON.stringify({ file: basename(file), view, ...what }));

const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
try {
  for (const file of files) {
    const address = pathToFileURL(file).href;
    // One page for all views: to open another costs more than to look.
    const page = await (await browser.newContext({ bypassCSP: true })).newPage();
    page.setDefaultTimeout(0);
    let view = 'loading';
    page.on('request', (r) => { if (r.url() !== address) tell(file, view, { problem: 'request', detail: r.url() }); });
    page.on('console', (m) => { if (m.type() === 'error') tell(file, view, { problem: 'console', detail: m.text() }); });
    page.on('pageerror', (e) => tell(file, view, { problem: 'error', detail: String(e) }));
    await page.goto(address);
    const unfold = (open) => page.evaluate((open) => { for (const d of document.querySelectorAll('details')) d.open = open; }, open);
    if (pictures) {
      for (const { name, width, height, ...how } of views) {
        await page.setViewportSize({ width, height });
        await page.emulateMedia(how);
        await page.screenshot({ path: join(pictures, `${basename(file)}-${name}.png`), fullPage: true });
      }
      await page.pdf({ path: join(pictures, `${basename(file)}.pdf`), format: 'A4', preferCSSPageSize: true });
    }
    // What is folded away is looked at too.
    await unfold(true);
    await page.evaluate(axe);
    for (const { name, width, height, ...how } of views) {
      view = name;
      await page.setViewportSize({ width, height });
      await page.emulateMedia(how);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      if (wide > width) tell(file, view, { problem: 'overflow', detail: `${wide} pixels of ${width}` });
      const found = await page.evaluate((values) => window.axe.run(document, { runOnly: { type: 'tag', values }, resultTypes: ['violations'] }), rules);
      if (found.passes.length === 0) tell(file, view, { problem: 'axe', detail: 'no rule was tried' });
      for (const v of found.violations) {
        tell(file, view, { problem: 'axe', rule: v.id, detail: v.help, at: v.nodes.slice(0, 3).map((n) => `${n.target.join(' ')}: ${n.failureSummary}`) });
      }
    }
    await page.close();
  }
} finally {
  await browser.close();
}
