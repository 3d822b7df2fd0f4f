"""A seccomp filter, written by hand in classic BPF: no network, no new processes, no reach beyond this one.

What is refused answers EPERM, as a system without that right would; calls newer than the list answer
ENOSYS, as an older kernel would. Source: https://docs.kernel.org/userspace-api/seccomp_filter.html.
"""

from __future__ import annotations

import ctypes
import errno
import struct

from verifiers.code.inside import kernel

#: Refused whatever the arguments. `socketpair` stays: event loops need it, and it reaches nobody.
_DENIED = """
socket connect accept accept4 bind listen
fork vfork execve execveat
ptrace process_vm_readv process_vm_writev process_madvise process_mrelease kcmp
pidfd_open pidfd_getfd pidfd_send_signal tkill rt_sigqueueinfo rt_tgsigqueueinfo
setpriority ioprio_set sched_setscheduler sched_setparam sched_setattr sched_setaffinity
migrate_pages move_pages
mount umount2 pivot_root chroot move_mount open_tree fsopen fsconfig fsmount fspick mount_setattr
unshare setns
chmod fchmod fchmodat chown fchown lchown fchownat utime utimes futimesat utimensat truncate
setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr
mknod mknodat open_by_handle_at name_to_handle_at
shmget shmat semget msgget mq_open mq_unlink
keyctl add_key request_key bpf perf_event_open userfaultfd fanotify_init
io_uring_setup io_uring_enter io_uring_register
reboot kexec_load kexec_file_load init_module finit_module delete_module swapon swapoff acct quotactl
quotactl_fd settimeofday clock_settime adjtimex clock_adjtime sethostname setdomainname iopl ioperm syslog
personality vhangup modify_ldt uselib
"""
DENIED = tuple(_DENIED.split())
#: Refused as if the kernel did not know them, because their arguments lie where a filter cannot look.
UNKNOWN = ("clone3", "openat2")
#: The first number that is refused unseen. Includes the x32 calls of x86_64.
FIRST_UNSEEN = 450
#: Options of prctl that would undo what ends this process when its keeper ends, or open it to others.
DENIED_PRCTL = (kernel.PR_SET_PDEATHSIG, kernel.PR_SET_DUMPABLE, 35, 0x59616D61)

_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_CLONE_THREAD = 0x10000
_ACCESS_MODE, _TRUNCATE = 0o3, 0o1000

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_REFUSE, _NOT_THERE = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS

Instruction = tuple[int, int, int, int]
_SET_MODE_FILTER = 1


def _load_argument(index: int) -> Instruction:
    """The low half of an argument: both machines are little-endian, and all that is looked at fits."""
    return (_LOAD, 0, 0, 16 + 8 * index)


def rules(machine: str, process_id: int) -> list[Instruction]:
    """The filter as (code, jump if true, jump if false, constant), for a process that knows its own id."""
    numbers = kernel.NUMBERS[machine]
    program: list[Instruction] = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, _ARCHITECTURE[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
        (_AT_LEAST, 0, 1, FIRST_UNSEEN),
        (_RETURN, 0, 0, _NOT_THERE),
    ]
    for names, answer in ((DENIED, _REFUSE), (UNKNOWN, _NOT_THERE)):
        for number in (numbers[name] for name in names if name in numbers):
            program += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, answer)]
    for name, body in _conditions(process_id).items():
        if name in numbers:
            program += [(_EQUAL, 0, len(body), numbers[name]), *body]
    return [*program, (_RETURN, 0, 0, _ALLOW)]


def _conditions(process_id: int) -> dict[str, list[Instruction]]:
    """Calls that are refused for some arguments; each body ends with a return either way."""
    allow, refuse = (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)

    def to_itself(*ids: int) -> list[Instruction]:
        checks = [(_EQUAL, len(ids) - at, 0, each) for at, each in enumerate(ids)]
        return [_load_argument(0), *checks, refuse, allow]

    def opening(flags: int) -> list[Instruction]:
        # Opening for reading with O_TRUNC empties the file, and Landlock before ABI 3 lets it pass.
        return [
            _load_argument(flags),
            (_ANY_BIT, 1, 0, _TRUNCATE),
            allow,
            (_AND, 0, 0, _ACCESS_MODE),
            (_EQUAL, 1, 0, 0),
            allow,
            refuse,
        ]

    options = [(_EQUAL, len(DENIED_PRCTL) - at, 0, each) for at, each in enumerate(DENIED_PRCTL)]
    return {
        "clone": [_load_argument(0), (_ANY_BIT, 1, 0, _CLONE_THREAD), refuse, allow],
        "kill": to_itself(process_id),
        "tgkill": to_itself(process_id),
        "prlimit64": to_itself(0, process_id),
        "prctl": [_load_argument(0), *options, allow, refuse],
        "open": opening(1),
        "openat": opening(2),
    }


def available() -> bool:
    """Whether the kernel would take a filter on this machine; asks without installing one."""
    try:
        action = ctypes.create_string_buffer((0x00050000).to_bytes(4, "little"), 4)
        kernel.call("seccomp", 2, 0, action)
    except OSError:
        return False
    return True


def install(process_id: int) -> None:
    """Filter every later call of this process, for good. Needs no_new_privs. Raises `OSError`."""
    here = kernel.machine()
    if here is None:
        raise OSError("no filter is known for this machine")
    code = [struct.pack("=HBBI", *instruction) for instruction in rules(here, process_id)]
    body = ctypes.create_string_buffer(b"".join(code))
    program = struct.pack("@HP", len(code), ctypes.addressof(body))
    kernel.call("seccomp", _SET_MODE_FILTER, 0, ctypes.create_string_buffer(program))
