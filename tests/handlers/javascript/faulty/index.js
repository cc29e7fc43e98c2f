// The battery of guests/faulty: misbehaves on request.
'use strict';

const fs = require('fs');
const net = require('net');

const refused = (action) => {
  try {
    return action();
  } catch (error) {
    return { refused: error.message };
  }
};

const deeds = {
  spin() { for (;;); },
  async sleep({ seconds }) {
    const start = Date.now();
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    return { slept: (Date.now() - start) / 1000 };
  },
  allocate() {
    const kept = [];
    for (;;) kept.push(new Uint8Array(1 << 20).fill(1));
  },
  recurse() {
    const again = (n) => 1 + again(n + 1);
    return again(0);
  },
  recursecaught() {
    const again = (n) => 1 + again(n + 1);
    try {
      return again(0);
    } catch (error) {
      return { caught: `${error.name}: ${error.message}` };
    }
  },
  exit({ code }) { process.exit(code); },
  hugeoutput() { return 'x'.repeat(20000000); },
  oversized({ bytes }) { return 'x'.repeat(bytes - 2); },
  floodstderr() {
    const line = 'y'.repeat(99) + '\n';
    for (let i = 0; i < 20000; i++) process.stderr.write(line);
    return null;
  },
  log({ line }) {
    process.stderr.write(line + '\n');
    return null;
  },
  readoutside() { return refused(() => fs.readFileSync('/etc/passwd', 'utf8')); },
  escape() { return refused(() => fs.readFileSync('/var/task/../../../etc/passwd', 'utf8')); },
  readfile({ path }) { return refused(() => fs.readFileSync(path, 'utf8')); },
  writefile({ path, text = '' }) {
    return refused(() => {
      fs.writeFileSync(path, text);
      return { written: fs.readFileSync(path, 'utf8') };
    });
  },
  filltmp() {
    const block = Buffer.alloc(1 << 20, 1);
    for (let i = 0; i < 4096; i++) fs.writeFileSync(`/tmp/${i}`, block);
    return 'all of it';
  },
  socket() { return refused(() => net.connect(80, 'localhost')); },
  environment({ name }) { return name === undefined ? Object.keys(process.env).sort() : process.env[name] ?? null; },
  error({ errorType = 'Custom', errorMessage = '' }) {
    const error = new Error(errorMessage);
    error.name = errorType;
    throw error;
  },
  clock() { return new Date().toISOString(); },
  random() { return require('crypto').randomUUID(); },
  echo(event) { return event; },
};

exports.handler = async (event) => deeds[event.do](event);
