"""The few operations by which versions reach the disk, in one place so that tests can record and replay them."""

import os
import shutil
from pathlib import Path


class Disk:
    """Operations on files; without `durable` nothing is forced to the disk, for homes that die with the machine."""

    def __init__(self, *, durable: bool = True) -> None:
        self.durable = durable

    def write(self, path: Path, data: bytes) -> None:
        """Write a file that was not there before."""
        path.write_bytes(data)

    def sync(self, path: Path) -> None:
        """Force what a file holds, or the names in a directory, to the disk."""
        if self.durable:
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def sync_tree(self, root: Path) -> None:
        """Force a directory and all in it to the disk."""
        if self.durable:
            for folder, _, names in os.walk(root, topdown=False):
                for name in names:
                    self.sync(Path(folder) / name)
                self.sync(Path(folder))

    def make(self, path: Path) -> None:
        """Make a directory and those above it, each on the disk before the next."""
        if not path.is_dir():
            self.make(path.parent)
            path.mkdir(exist_ok=True)
            self.sync(path.parent)

    def rename(self, old: Path, new: Path) -> None:
        """Give a directory its final name."""
        old.rename(new)

    def point(self, link: Path, target: Path) -> None:
        """Make a symbolic link point at a target, relative to the link's directory, in one step."""
        fresh = link.with_name(f".{link.name}-new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(target.relative_to(link.parent))
        fresh.replace(link)

    def remove(self, path: Path) -> None:
        """Remove a directory and all in it, as far as possible."""
        shutil.rmtree(path, ignore_errors=True)
