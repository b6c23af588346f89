"""Takes network, files, processes and rights away from a reader, as far as the kernel supports that.

The child tries each step separately, and reports the steps that succeeded. Limits of memory and time do not depend on
these steps.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import signal
import struct
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rfqflow.core.attachments.limits import ReadingLimits

_NEWUSER, _NEWNET = 0x1000_0000, 0x4000_0000
_NO_NEW_PRIVILEGES, _DUMPABLE, _DIES_WITH_PARENT, _SECCOMP = 38, 4, 1, 22
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446  # the same numbers on all architectures
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_OPEN_FILES = 64
_CAPABILITIES = 0x2008_0522  # the version of the kernel's interface

# socket, connect, bind, listen, sendto, sendmsg, socketpair; execve, execveat, fork, vfork; kill, tkill; ptrace,
# process_vm_readv, process_vm_writev; mount, setns, unshare; bpf, keyctl, add_key, request_key, perf_event_open,
# userfaultfd, io_uring_setup, pidfd_open, pidfd_getfd, pidfd_send_signal, memfd_create, open_by_handle_at.
_REFUSED = {
    "x86_64": (
        41, 42, 49, 50, 44, 46, 53, 59, 322, 57, 58, 62, 200, 101, 310, 311, 165, 308, 272, 321, 250, 248, 249, 298,
        323, 425, 434, 438, 424, 319, 304,
    ),
    "aarch64": (
        198, 203, 200, 201, 206, 211, 199, 221, 281, 129, 130, 117, 270, 271, 40, 268, 97, 280, 219, 217, 218, 241,
        282, 425, 434, 438, 424, 279, 265,
    ),
}  # fmt: skip
_ARCHITECTURE = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
_OTHER_NUMBERS = 0x4000_0000  # a flag in the system call numbers of x32, on x86_64
_THREAD = 0x0001_0000
_LOAD, _IF_EQUAL, _IF_LEAST, _IF_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _NOT_PERMITTED, _NOT_THERE = 0x7FFF_0000, 0x0005_0001, 0x0005_0026


def limit(limits: ReadingLimits) -> None:
    """Limits memory, time and files. An existing limit that is lower does not change."""
    with contextlib.suppress(OSError):  # if memory runs out, the kernel must kill the reader, not the worker
        Path("/proc/self/oom_score_adj").write_text("1000")
    for what, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        _set(what, most, most)
    _set(resource.RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 1)
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)


def _set(what: int, soft: int, hard: int) -> None:
    _, given = resource.getrlimit(what)
    if given != resource.RLIM_INFINITY:
        soft, hard = min(soft, given), min(hard, given)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(what, (soft, hard))


def leave_network() -> bool:
    """Moves the process into an empty network namespace. Call it before threads start."""
    libc = _libc()
    if libc is None:
        return False
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    libc.prctl(_DIES_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_DUMPABLE, 0, 0, 0, 0)
    return any(libc.unshare(spaces) == 0 for spaces in (_NEWNET, _NEWUSER | _NEWNET))


def lock() -> tuple[bool, bool]:
    """Restricts the process. Returns whether files are denied, and whether sockets and processes are denied.

    Call it after all imports.
    """
    libc = _libc()
    if libc is None:
        return False, False
    files = _leave_files(libc)
    _drop_capabilities(libc)
    return files, _refuse_calls(libc)


def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITIES, 0))
    libc.capset(header, ctypes.create_string_buffer(24))


def _leave_files(libc: ctypes.CDLL) -> bool:
    """Denies all writes, and all reads except of Python's libraries and of fonts."""
    version = libc.syscall(_LANDLOCK_CREATE, None, 0, 1)
    if version < 1:
        return False
    rights = (1 << (13 + (version >= 2) + (version >= 3) + (version >= 5))) - 1  # noqa: PLR2004 - of the interface
    network, scope = (3 if version >= 4 else 0), (3 if version >= 6 else 0)  # noqa: PLR2004 - the same
    size = 8 + 8 * (version >= 4) + 8 * (version >= 6)  # noqa: PLR2004 - the same
    attributes = ctypes.create_string_buffer(struct.pack("=QQQ", rights, network, scope))
    rules = libc.syscall(_LANDLOCK_CREATE, attributes, size, 0)
    if rules < 0:
        return False
    for folder in _libraries():
        with contextlib.suppress(OSError):
            place = os.open(folder, os.O_PATH | os.O_CLOEXEC)
            rule = ctypes.create_string_buffer(struct.pack("=Qi", _READ_FILE | _READ_FOLDER, place))
            libc.syscall(_LANDLOCK_ADD, rules, 1, rule, 0)
            os.close(place)
    done = bool(libc.syscall(_LANDLOCK_RESTRICT, rules, 0) == 0)
    os.close(rules)
    return done


def _libraries() -> set[str]:
    package = Path(__file__).resolve().parents[2]
    sites = {path for path in sys.path if path.endswith(("site-packages", "dist-packages"))}
    standard = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib")}
    return {str(package), *sites, *standard, "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/fonts"}


def _refuse_calls(libc: ctypes.CDLL) -> bool:
    machine = platform.machine()
    if machine not in _REFUSED or struct.calcsize("P") != 8:  # noqa: PLR2004 - bytes of a pointer
        return False
    refused = _REFUSED[machine]
    steps = [(_LOAD, 0, 0, 4), (_IF_EQUAL, 1, 0, _ARCHITECTURE[machine]), (_RETURN, 0, 0, _NOT_PERMITTED)]
    steps += [(_LOAD, 0, 0, 0), (_IF_LEAST, 0, 1, _OTHER_NUMBERS), (_RETURN, 0, 0, _NOT_PERMITTED)]
    # Refuse clone3: glibc then uses clone, whose flags the filter can read.
    steps += [(_IF_EQUAL, 0, 1, _CLONE3), (_RETURN, 0, 0, _NOT_THERE)]
    steps += [(_IF_EQUAL, 0, 4, _CLONE[machine]), (_LOAD, 0, 0, 16), (_IF_SET, 0, 1, _THREAD)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _NOT_PERMITTED)]
    for at, number in enumerate(refused):
        steps.append((_IF_EQUAL, len(refused) - at, 0, number))
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _NOT_PERMITTED)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(code)))
    return bool(libc.prctl(_SECCOMP, 2, program, 0, 0) == 0)
