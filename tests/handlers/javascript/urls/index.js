const url = require('url');
const querystring = require('querystring');
exports.handler = async ({ link }) => {
  const u = new URL(link);
  u.searchParams.append('new', 'a b&c');
  return { host: u.host, path: u.pathname, tags: u.searchParams.getAll('tag'), href: u.href, relative: new URL('../up?x=1', 'https://a.example/b/c/d').href,
    params: new URLSearchParams({ a: '1', b: 'ü' }).toString(), parsed: querystring.parse('a=1&b=2&a=3'), made: querystring.stringify({ a: [1, 2], b: 'x y' }),
    file: url.fileURLToPath('file:///var/task/a%20b.js'), legacy: url.parse('https://u:p@h.example:8080/p/a?q=1#f').port, bad: URL.canParse('nope'),
    error: (() => { try { new URL('nope'); } catch (e) { return [e.name, e.code ?? null]; } })() };
};
