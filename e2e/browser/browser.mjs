// The browser: the one that comes inside an npm package, with its libraries and fonts; CHROMIUM=PATH takes another.
//
//   node browser.mjs      unpacks it, which has to be done once before it is used

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import puppeteer from 'puppeteer-core';

const home = join(import.meta.dirname, 'node_modules', 'unpacked');
const fonts = join(home, 'fonts.conf');

/** The path of the packaged browser; unpacks it where it is found the next time. */
async function packaged() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('the packaged browser is for Linux on x64: name another one with CHROMIUM=PATH');
  }
  mkdirSync(home, { recursive: true });
  process.env.TMPDIR = home; // where the package unpacks
  process.env.AWS_LAMBDA_JS_RUNTIME = 'nodejs20.x'; // tells the package to bring the libraries too
  const { default: chromium } = await import('@sparticuz/chromium');
  const path = await chromium.executablePath();
  process.env.FONTCONFIG_FILE = fonts; // the package's own one names other folders
  if (!existsSync(fonts)) {
    writeFileSync(fonts, `<fontconfig><dir>${home}/fonts</dir><cachedir>${home}/cache</cachedir></fontconfig>`);
  }
  return path;
}

/** A browser for which no host exists but this one; `folder` keeps its profile. */
export async function open(folder) {
  const path = process.env.CHROMIUM ?? (await packaged());
  const offline = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1';
  const args = ['--disable-gpu', '--disable-dev-shm-usage', '--no-zygote', offline];
  if (process.getuid?.() === 0) {
    args.push('--no-sandbox'); // the sandbox refuses root
  }
  return puppeteer.launch({ executablePath: path, headless: 'shell', args, userDataDir: join(folder, 'profile') });
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.env.CHROMIUM === undefined) {
  await packaged();
}
