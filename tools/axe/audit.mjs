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
    for (const view of views) {
      const context = await browser.newContext({ viewport: { width: view.width, height: view.height }, colorScheme: view.colorScheme, bypassCSP: true });
      const page = await context.newPage();
      page.on('request', (r) => { if (r.url() !== address) tell(file, view.name, { problem: 'request', detail: r.url() }); });
      page.on('console', (m) => { if (m.type() === 'error') tell(file, view.name, { problem: 'console', detail: m.text() }); });
      page.on('pageerror', (e) => tell(file, view.name, { problem: 'error', detail: String(e) }));
      await page.goto(address);
      await page.emulateMedia({ media: view.media, colorScheme: view.colorScheme });
      if (pictures) await page.screenshot({ path: join(pictures, `${basename(file)}-${view.name}.png`), fullPage: true });
      // What is folded away is looked at too.
      await page.evaluate(() => { for (const d of document.querySelectorAll('details')) d.open = true; });
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > view.width) tell(file, view.name, { problem: 'overflow', detail: `${width} pixels of ${view.width}` });
      await page.evaluate(axe);
      const found = await page.evaluate((values) => window.axe.run(document, { runOnly: { type: 'tag', values } }), rules);
      if (found.passes.length === 0) tell(file, view.name, { problem: 'axe', detail: 'no rule was tried' });
      for (const v of found.violations) {
        tell(file, view.name, { problem: 'axe', rule: v.id, detail: v.help, at: v.nodes.slice(0, 3).map((n) => `${n.target.join(' ')}: ${n.failureSummary}`) });
      }
      if (pictures && view.media === 'print') {
        await page.evaluate(() => { for (const d of document.querySelectorAll('details')) d.open = false; });
        await page.pdf({ path: join(pictures, `${basename(file)}.pdf`), format: 'A4', preferCSSPageSize: true });
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
}
