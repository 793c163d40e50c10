// Makes the demo image's root file system, a tar, from Debian's static busybox, and prints the tar's path.
//   skep import "$(node tools/make-image.mjs)" skep/demo:1
// The same busybox gives the same bytes; the file is kept under a name that says what it was made of.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import tar from 'tar-stream';

const BUSYBOX = '/bin/busybox';
const folder = join(import.meta.dirname, '../dist/images');

const files = {
  // An HTTP server that says who and where it is. `trap`: the first process of a container has no default for SIGTERM.
  'bin/serve': `#!/bin/sh
# serve [PORT]: answers with this container's name, its addresses and who asked; with FORWARD_TO=HOST, with what
# that host answers.
httpd -f -p "\${1:-80}" -h /www &
trap 'kill $!; exit 0' TERM INT
wait $!
`,
  'bin/idle': `#!/bin/sh
# idle: does nothing until it is told to stop.
trap 'exit 0' TERM INT
sleep 2147483647 &
wait $!
`,
  'www/cgi-bin/index.cgi': `#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\n'
if [ -n "$FORWARD_TO" ]; then
  echo "proxy: $(hostname)"
  # The first answer, as it came: the C library would sort the answers by how near they look, and always take the same.
  address=$(nslookup -type=a "$FORWARD_TO" | awk '/^Name:/ { name = 1 } name && /^Address/ { print $2; exit }')
  exec timeout 5 wget -q -O - "http://\${address:-$FORWARD_TO}/"
fi
echo "host: $(hostname)"
echo "client: $REMOTE_ADDR" | tr -d "[]" | sed "s/::ffff://"
ip -o addr show scope global | awk '{ sub("/.*", "", $4); print $2 ": " $4 }'
`,
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  'etc/group': 'root:x:0:\nnogroup:x:65534:\n',
  'etc/hosts': '',
  'etc/resolv.conf': '',
  'etc/hostname': '',
};
const folders = ['dev', 'proc', 'root', 'sys', 'tmp', 'run', 'var/log'];

/** Owner root, time zero. */
const OWNER = { uid: 0, gid: 0, mtime: new Date(0) };

async function makeTar(busybox) {
  const applets = execFileSync(BUSYBOX, ['--list-full'], { encoding: 'utf8' }).trim().split('\n').sort();
  const entries = new Map();
  const addFolders = (name) => {
    const parts = name.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const path = parts.slice(0, depth).join('/') + '/';
      entries.set(path, { type: 'directory', mode: path === 'tmp/' ? 0o1777 : 0o755 });
    }
  };
  const add = (name, what) => {
    addFolders(name);
    entries.set(name, what);
  };
  for (const name of folders) addFolders(`${name}/`);
  for (const name of applets) add(name, { type: 'symlink', mode: 0o777, linkname: '/bin/busybox' });
  for (const [name, text] of Object.entries(files)) {
    add(name, { mode: text.startsWith('#!') ? 0o755 : 0o644, bytes: Buffer.from(text) });
  }
  add('bin/busybox', { mode: 0o755, bytes: busybox });
  const archive = tar.pack();
  for (const [name, { bytes, ...header }] of [...entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
    archive.entry({ name, ...header, ...OWNER }, bytes);
  }
  archive.finalize();
  return buffer(archive);
}

if (!existsSync(BUSYBOX)) {
  console.error(`make-image: there is no ${BUSYBOX}; install Debian's busybox-static`);
  process.exit(1);
}
const busybox = readFileSync(BUSYBOX);
const digest = createHash('sha256')
  .update(busybox)
  .update(readFileSync(import.meta.filename))
  .digest('hex');
const file = join(folder, `demo-${digest.slice(0, 12)}.tar`);
if (!existsSync(file)) {
  mkdirSync(folder, { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, await makeTar(busybox));
  renameSync(draft, file);
}
console.log(file);
