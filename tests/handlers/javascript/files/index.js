const fs = require('fs');
const path = require('path');
const os = require('os');
const prices = require('./data/prices.json');
const { readFile, writeFile, mkdir, rm, readdir, stat } = require('fs/promises');
const { pipeline } = require('stream/promises');
const { createGzip, createGunzip } = require('zlib');

exports.handler = async () => {
  const notes = await readFile(path.join(__dirname, 'data', 'notes.txt'), 'utf8');
  const folder = path.join(os.tmpdir(), 'a', 'b');
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, 'out.txt');
  await writeFile(file, 'first\n');
  fs.appendFileSync(file, 'second\n');
  fs.copyFileSync(file, file + '.copy');
  fs.renameSync(file + '.copy', file + '.moved');
  await pipeline(fs.createReadStream(file), createGzip(), fs.createWriteStream(file + '.gz'));
  await pipeline(fs.createReadStream(file + '.gz'), createGunzip(), fs.createWriteStream(file + '.back'));
  const back = fs.readFileSync(file + '.back', 'utf8');
  const fd = fs.openSync(file, 'r');
  const part = Buffer.alloc(5);
  fs.readSync(fd, part, 0, 5, 6);
  fs.closeSync(fd);
  const missing = await stat('/tmp/none').catch(({ code, errno, syscall, path, message }) => ({ code, errno, syscall, path, message }));
  const byCallback = await new Promise((resolve) => fs.readFile('/tmp/none', (error) => resolve(error.code)));
  const listed = await readdir(folder);
  const entries = fs.readdirSync('/tmp/a', { withFileTypes: true }).map((e) => [e.name, e.isDirectory()]);
  const size = (await stat(file)).size;
  const readOnly = (() => { try { fs.writeFileSync(path.join(__dirname, 'x'), ''); return 'written'; } catch (e) { return e.code; } })();
  await rm('/tmp/a', { recursive: true });
  return { prices, notes: notes.trim().split('\n'), back, part: part.toString(), missing, byCallback, listed, entries, size, readOnly,
    exists: fs.existsSync('/tmp/a'), here: fs.readdirSync(path.join(__dirname, 'data')), cwd: process.cwd(), file: __filename };
};
