"""A small disk, to be filled: a tmpfs where we are root, else a limit on the size of files."""

import os
import resource
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PIECE = 65_536


class SmallDisk:
    """A tmpfs of so many megabytes. `fill` leaves next to nothing of it, `clear` gives it back."""

    def __init__(self, megabytes: int) -> None:
        # Not below a folder of ours: PostgreSQL runs as somebody else and has to come through.
        self.folder = folder = Path(tempfile.mkdtemp(prefix="sn-disk-"))
        self._ballast = folder / "ballast"
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(folder)], check=True
        )

    def fill(self, *, leave: int) -> None:
        """Take all but about `leave` bytes, whatever others take meanwhile."""
        with self._ballast.open("wb", buffering=0) as ballast, suppress(OSError):
            while ballast.write(bytes(_PIECE)) == _PIECE:
                pass
        os.truncate(self._ballast, max(self._ballast.stat().st_size - leave, 0))

    def clear(self) -> None:
        """Give back what `fill` took."""
        self._ballast.unlink(missing_ok=True)

    def remove(self) -> None:
        """Unmount it, whatever is in it."""
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)
        self.folder.rmdir()


@contextmanager
def small_disk(megabytes: int) -> Iterator[SmallDisk]:
    """Give a small disk for the length of a block. Needs root."""
    disk = SmallDisk(megabytes)
    try:
        yield disk
    finally:
        disk.remove()


@contextmanager
def files_no_larger(pids: list[int], size: int) -> Iterator[None]:
    """Let these processes make no file larger than `size` bytes: a full disk where none can be mounted."""
    for pid in pids:
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        for pid in pids:
            _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))


def may_mount() -> bool:
    """Tell whether we may mount a tmpfs here: root may, but not in every container."""
    if os.geteuid() != 0:
        return False
    tried = subprocess.run(
        ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False
    )
    return tried.returncode == 0
