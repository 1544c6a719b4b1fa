// pa11y on a page that the tests have open: for each line of JSON on stdin, which names the page (target) and its
// window's size, it answers with what it finds. The browser is that of the tests, at the address of the first argument,
// and the page is looked at as they left it, so that what a form says after it was refused is looked at too.
"use strict";

const readline = require("node:readline");
const pa11y = require("pa11y");
const puppeteer = require("puppeteer");

async function main() {
  const browser = await puppeteer.connect({ browserURL: process.argv[2], defaultViewport: null });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { target, width, height } = JSON.parse(line);
    let answer;
    try {
      const page = await pageOf(browser, target);
      const options = { browser, page, ignoreUrl: true, userAgent: "", standard: "WCAG2AA", viewport: { width, height } };
      answer = { issues: (await pa11y(page.url(), options)).issues };
    } catch (error) {
      answer = { wrong: String(error.stack ?? error) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  await browser.disconnect();
}

async function pageOf(browser, target) {
  for (const page of await browser.pages()) {
    const session = await page.createCDPSession();
    const { targetInfo } = await session.send("Target.getTargetInfo");
    await session.detach();
    if (targetInfo.targetId === target) return page;
  }
  throw new Error("the page is not open");
}

main();
