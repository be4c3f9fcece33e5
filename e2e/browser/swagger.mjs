// Opens the page at /docs in a headless browser and uses it as a person would.
//
//   node swagger.mjs BASE FOLDER [KEY]      prints what it saw as JSON; the screenshot goes to FOLDER

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { open } from './browser.mjs';

const PATIENCE = 30_000;
const WINDOW = { width: 1280, height: 1600 };

/** Notes what the page complains about and whom it asks. */
function watch(page, base) {
  const seen = { console_errors: [], foreign_requests: [] };
  page.on('console', (message) => {
    if (message.type() === 'error') {
      seen.console_errors.push(`${message.text()} ${message.location().url ?? ''}`);
    }
  });
  page.on('pageerror', (error) => seen.console_errors.push(String(error)));
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== 'data:' && origin !== base) {
      seen.foreign_requests.push(request.url());
    }
  });
  return seen;
}

/** The status that "Try it out" of POST /analyze shows. */
async function try_it_out(page) {
  const operation = '#operations-Analysis-start_analysis';
  if ((await page.$(`${operation} .opblock-body`)) === null) {
    await page.click(`${operation} .opblock-summary-control`);
  }
  await page.waitForSelector(`${operation} .execute`);
  const answered = page.waitForResponse((answer) => answer.url().endsWith('/analyze'));
  await page.click(`${operation} .execute`);
  const status = (await answered).status();
  const shown = `${operation} .live-responses-table tbody .response-col_status`;
  await page.waitForFunction(
    (selector, text) => document.querySelector(selector)?.textContent.trim().startsWith(text),
    {},
    shown,
    String(status),
  );
  return status;
}

async function authorize(page, key) {
  await page.click('.auth-wrapper .btn.authorize');
  await page.waitForSelector('.modal-ux .auth-container input');
  await page.type('.modal-ux .auth-container input', key);
  await page.click('.modal-ux .auth-container .btn.authorize');
  await page.waitForSelector('.modal-ux .btn.modal-btn.auth:not(.authorize)'); // it offers to log out now
  await page.click('.modal-ux .btn-done');
}

async function visit(browser, base, folder, key) {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.setViewport(WINDOW);
  const seen = watch(page, base);
  await page.goto(`${base}/docs`);
  await page.waitForSelector('.opblock');
  seen.title = await page.$eval('.info .title', (title) => title.textContent);
  seen.operations = await page.$$eval('.opblock', (blocks) => blocks.map((block) => block.id.split('-').pop()));
  seen.load_errors = await page.$$eval('.errors-wrapper', (blocks) => blocks.length);
  seen.first_status = await try_it_out(page);
  if (key !== undefined) {
    await authorize(page, key);
    seen.second_status = await try_it_out(page);
  }
  seen.screenshot = join(folder, 'docs.png');
  await page.screenshot({ path: seen.screenshot });
  return seen;
}

const [base, folder, key] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const browser = await open(folder);
try {
  console.log(JSON.stringify(await visit(browser, base, folder, key)));
} finally {
  await browser.close();
}
