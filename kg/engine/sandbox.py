"""What a query process may not do, told to the kernel.

Source: https://www.kernel.org/doc/html/latest/userspace-api/seccomp_filter.html
"""

import ctypes
import os
import platform
import resource
import signal
import socket
import struct
import sys
import time
from pathlib import Path

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_SECCOMP_MODE_FILTER = 2
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _DENY = 0x7FFF0000, 0x00050000 | 1
_NUMBER, _ARCHITECTURE = 0, 4
_X32 = 0x40000000
_SYSTEM_CALLS = {
    "x86_64": (0xC000003E, 41),
    "aarch64": (0xC00000B7, 198),
}
_IO_URING_SETUP = 425


class _Program(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def deny_sockets() -> bool:
    """Deny this process and its children `socket()` for good, and io_uring, which can open sockets too.

    Returns False where the kernel or the machine has no such filter.
    """
    if sys.platform != "linux" or platform.machine() not in _SYSTEM_CALLS:
        return False
    instructions = _filter(*_SYSTEM_CALLS[platform.machine()])
    buffer = ctypes.create_string_buffer(instructions, len(instructions))
    program = _Program(len(instructions) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def _filter(architecture: int, socket_call: int) -> bytes:
    """Write the filter program: another architecture or call table is denied as a whole."""
    lines = (
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_JUMP_EQUAL, 0, 5, architecture),
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_AT_LEAST, 3, 0, _X32),
        (_JUMP_EQUAL, 2, 0, socket_call),
        (_JUMP_EQUAL, 1, 0, _IO_URING_SETUP),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _DENY),
    )
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def sockets_are_denied() -> bool:
    """Try it."""
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent dies, whatever this process is doing then."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def address_space() -> int:
    """Return how much address space this process has mapped; 0 where it cannot be told. Units: bytes."""
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def limit_memory(allowance: int) -> None:
    """Let the address space grow by no more than the allowance from here on. Units: bytes."""
    mapped = address_space()
    if mapped:
        resource.setrlimit(resource.RLIMIT_AS, (mapped + allowance, mapped + allowance))


def limit_processor(seconds: float) -> None:
    """Have the kernel end this process when it has used so many seconds of processor time from now."""
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + seconds) + 1, resource.RLIM_INFINITY))
