"""Closing a door behind which nobody waits: the end of a listening socket that has a queue of its own.

Who stands in the queue when a listening socket is closed is turned away with a reset, though another
process listens at the same port (SO_REUSEPORT). Between the look that finds the queue empty and the close
somebody may come. Python lets go of its lock around each call to the kernel and may wait milliseconds to have
it back; here both calls are made without letting go, so that a few microseconds are left.
"""

import ctypes
import os
import socket

_LOOKS = 2  # a look that finds nobody may have met one who had just left, with others behind


def close(listener: socket.socket) -> list[socket.socket]:
    """Close a listening socket that does not block; return the connections that waited, oldest first."""
    libc = ctypes.PyDLL(None)  # holds Python's lock, unlike CDLL
    accept, shut, door = libc.accept, libc.close, listener.detach()
    taken: list[int] = []
    nobody = 0
    while nobody < _LOOKS:
        found = accept(door, None, None)  # not Linux's own accept4: it runs elsewhere, too
        if found < 0:
            nobody += 1
        else:
            taken.append(found)
    shut(door)
    for one in taken:
        os.set_inheritable(one, False)  # as Python's own accept leaves it
    return [socket.socket(fileno=one) for one in taken]
