import { extract, pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { asContents, meansContents } from './archive-contents.js';

const stat = Buffer.from(JSON.stringify({ name: '.', mode: 0x80000000 + 0o750, mtime: '2026-01-02T03:04:05Z' }));

/** `NAME TYPE CONTENT` of each entry. */
async function contents(fill: (tar: ReturnType<typeof pack>) => void): Promise<string[]> {
  const from = pack();
  fill(from);
  from.finalize();
  const all: string[] = [];
  const reader = extract().on('entry', ({ name, type, linkname, mode }, content, next) => {
    let text = '';
    content.on('data', (bytes: Buffer) => (text += bytes.toString()));
    content.on('end', () => {
      all.push([name, type, linkname ?? '', mode?.toString(8), text].join(' '));
      next();
    });
  });
  await new Promise((resolve, reject) => {
    const through = asContents(stat.toString('base64')).on('error', reject);
    from.pipe(through).pipe(reader).on('finish', resolve).on('error', reject);
  });
  return all;
}

describe('what is in a directory', () => {
  it.each([
    ['/tmp/.', true],
    ['.', true],
    ['/.', true],
    ['/tmp/', false],
    ['/tmp/a.', false],
    ['', false],
  ])('is meant by %s: %s', (path, meant) => {
    expect(meansContents(path)).toBe(meant);
  });

  it('lies below ./, which comes first, also where nothing is in it', async () => {
    const found = await contents((tar) => {
      tar.entry({ name: 'a', mode: 0o600 }, 'text');
      tar.entry({ name: 'sub', type: 'directory', mode: 0o755 });
      tar.entry({ name: 'sub/b', type: 'link', linkname: 'a', mode: 0o600 });
      tar.entry({ name: 'to', type: 'symlink', linkname: 'a', mode: 0o777 });
    });
    expect(found).toEqual([
      './ directory  750 ',
      './a file  600 text',
      './sub directory  755 ',
      './sub/b link ./a 600 ',
      './to symlink a 777 ',
    ]);
    expect(await contents(() => undefined)).toEqual(['./ directory  750 ']);
  });

  it('stays as it is where an engine has it so', async () => {
    const found = await contents((tar) => {
      tar.entry({ name: './', type: 'directory', mode: 0o755 });
      tar.entry({ name: './a', mode: 0o600 }, 'x');
    });
    expect(found).toEqual(['./ directory  750 ', './a file  600 x']);
  });
});
