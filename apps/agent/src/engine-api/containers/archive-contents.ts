import { Duplex } from 'node:stream';
import { extract, pack, type Headers } from 'tar-stream';

/** X-Docker-Container-Path-Stat, decoded: the file mode is Go's, whose lowest nine bits are permissions. */
interface PathStat {
  mode: number;
  mtime: string;
}

/** Does a path mean what is in a directory, and not the directory? */
export const meansContents = (path: string): boolean => path === '.' || path.endsWith('/.');

/**
 * What is in a directory, as a tar in Docker's form: the directory itself comes first, as `./`, and all names begin so.
 * Podman leaves both out, and the docker CLI then unpacks into the wrong place.
 * @param stat of the directory, in base64 as the answer's header has it
 */
export function asContents(stat: string): Duplex {
  const { mode, mtime } = JSON.parse(Buffer.from(stat, 'base64').toString('utf8')) as PathStat;
  const [from, to] = [extract(), pack()];
  to.entry({ name: './', type: 'directory', mode: mode & 0o777, mtime: new Date(mtime) });
  from.on('entry', (header, content, next) => {
    if (header.name === './') {
      content.on('end', next).resume();
      return;
    }
    const { name, linkname } = header;
    const entry: Headers = {
      ...header,
      name: dotted(name),
      linkname: header.type === 'link' && linkname ? dotted(linkname) : linkname,
    };
    content.pipe(to.entry(entry, (error) => next(error ?? undefined)));
  });
  from.on('finish', () => to.finalize());
  return Duplex.from({ writable: from, readable: to });
}

const dotted = (name: string): string => (name.startsWith('./') ? name : `./${name}`);
