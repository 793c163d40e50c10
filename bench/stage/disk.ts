import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must } from '../../test/e2e/harness/process.js';

/** Bytes. It takes as much as is written to it. */
const SIZE = '16G';

/**
 * A file system of a contender's own, ext4 with a journal as installers make it. On one that both share, what one deletes
 * is the other's time: without a journal ext4 passes over each inode that was deleted in the last minutes.
 */
export class Disk {
  private constructor(
    private readonly image: string,
    /** empty at first; short, since Podman takes none of its folders of more than 50 characters */
    readonly path: string,
  ) {}

  static async create(): Promise<Disk> {
    const path = await mkdtemp(join(tmpdir(), 'skb-'));
    const image = `${path}.image`;
    try {
      await must('truncate', ['--size', SIZE, image]);
      await must('mkfs.ext4', ['-q', '-E', 'lazy_itable_init=0', image]);
      await must('mount', ['-o', 'loop', image, path]);
      return new Disk(image, path);
    } catch (error) {
      await Promise.all([image, path].map((each) => rm(each, { recursive: true, force: true })));
      throw error;
    }
  }

  async remove(): Promise<void> {
    await must('umount', [this.path]);
    await Promise.all([this.image, this.path].map((each) => rm(each, { recursive: true })));
  }
}
