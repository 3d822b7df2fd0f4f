"""System calls by number, through ctypes: the few that Python's standard library does not offer.

Numbers are those of `asm/unistd_64.h` (x86_64) and `asm-generic/unistd.h` (aarch64); on any other
machine, and any other system than Linux, `machine()` is None and the layers that need them are absent.
"""

from __future__ import annotations

import ctypes
import functools
import os
import platform
import sys
from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38


def _numbers(table: str) -> dict[str, int]:
    pairs = (pair.split(":") for pair in table.split())
    return {name: int(number) for name, number in pairs}


X86_64 = _numbers("""
    open:2 socket:41 connect:42 accept:43 bind:49 listen:50 clone:56 fork:57 vfork:58 execve:59 kill:62
    truncate:76 creat:85 chmod:90 fchmod:91 chown:92 fchown:93 lchown:94 shmget:29 shmat:30 semget:64
    msgget:68 ptrace:101 syslog:103 capset:126 rt_sigqueueinfo:129 utime:132 mknod:133 uselib:134
    personality:135 setpriority:141 sched_setparam:142 sched_setscheduler:144 vhangup:153 modify_ldt:154
    pivot_root:155 prctl:157 adjtimex:159 chroot:161 acct:163 settimeofday:164 mount:165 umount2:166
    swapon:167 swapoff:168 reboot:169 sethostname:170 setdomainname:171 iopl:172 ioperm:173
    init_module:175 delete_module:176 quotactl:179 setxattr:188 lsetxattr:189 fsetxattr:190
    removexattr:197 lremovexattr:198 fremovexattr:199 tkill:200 sched_setaffinity:203 clock_settime:227
    tgkill:234 utimes:235 mq_open:240 mq_unlink:241 kexec_load:246 add_key:248 request_key:249 keyctl:250
    ioprio_set:251 migrate_pages:256 openat:257 mknodat:259 fchownat:260 futimesat:261 fchmodat:268
    unshare:272 move_pages:279 utimensat:280 accept4:288 rt_tgsigqueueinfo:297 perf_event_open:298
    fanotify_init:300 prlimit64:302 name_to_handle_at:303 open_by_handle_at:304 clock_adjtime:305
    setns:308 process_vm_readv:310 process_vm_writev:311 kcmp:312 finit_module:313 sched_setattr:314
    seccomp:317 kexec_file_load:320 bpf:321 execveat:322 userfaultfd:323 pidfd_send_signal:424
    io_uring_setup:425 io_uring_enter:426 io_uring_register:427 open_tree:428 move_mount:429 fsopen:430
    fsconfig:431 fsmount:432 fspick:433 pidfd_open:434 clone3:435 openat2:437 pidfd_getfd:438
    process_madvise:440 mount_setattr:442 quotactl_fd:443 landlock_create_ruleset:444
    landlock_add_rule:445 landlock_restrict_self:446 process_mrelease:448
""")

AARCH64 = _numbers("""
    setxattr:5 lsetxattr:6 fsetxattr:7 removexattr:14 lremovexattr:15 fremovexattr:16 ioprio_set:30
    mknodat:33 umount2:39 mount:40 pivot_root:41 truncate:45 chroot:51 fchmod:52 fchmodat:53 fchownat:54
    fchown:55 openat:56 vhangup:58 quotactl:60 utimensat:88 acct:89 capset:91 personality:92 unshare:97
    kexec_load:104 init_module:105 delete_module:106 clock_settime:112 syslog:116 ptrace:117
    sched_setparam:118 sched_setscheduler:119 sched_setaffinity:122 kill:129 tkill:130 tgkill:131
    rt_sigqueueinfo:138 setpriority:140 reboot:142 sethostname:161 setdomainname:162 prctl:167
    settimeofday:170 adjtimex:171 mq_open:180 mq_unlink:181 msgget:186 semget:190 shmget:194 shmat:196
    socket:198 bind:200 listen:201 accept:202 connect:203 add_key:217 request_key:218 keyctl:219 clone:220
    execve:221 swapon:224 swapoff:225 migrate_pages:238 move_pages:239 rt_tgsigqueueinfo:240
    perf_event_open:241 accept4:242 prlimit64:261 fanotify_init:262 name_to_handle_at:264
    open_by_handle_at:265 clock_adjtime:266 setns:268 process_vm_readv:270 process_vm_writev:271 kcmp:272
    finit_module:273 sched_setattr:274 seccomp:277 bpf:280 execveat:281 userfaultfd:282
    kexec_file_load:294 pidfd_send_signal:424 io_uring_setup:425 io_uring_enter:426 io_uring_register:427
    open_tree:428 move_mount:429 fsopen:430 fsconfig:431 fsmount:432 fspick:433 pidfd_open:434 clone3:435
    openat2:437 pidfd_getfd:438 process_madvise:440 mount_setattr:442 quotactl_fd:443
    landlock_create_ruleset:444 landlock_add_rule:445 landlock_restrict_self:446 process_mrelease:448
""")
NUMBERS = {"x86_64": X86_64, "aarch64": AARCH64}


def machine() -> str | None:
    """`x86_64` or `aarch64` where the numbers are known and this is a 64-bit Linux process, else None."""
    name = platform.machine()
    known = sys.platform == "linux" and sys.maxsize > 1 << 32 and name in NUMBERS
    return name if known else None


def call(name: str, *arguments: object) -> int:
    """One system call by its name; `OSError` with its errno when it fails."""
    here = machine()
    if here is None:
        raise OSError(f"no system call numbers are known for {sys.platform} on {platform.machine()}")
    # A bare int would be passed as 32 bits.
    words = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    result: int = _system_call()(ctypes.c_long(NUMBERS[here][name]), *words)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


@functools.lru_cache(maxsize=1)
def _system_call() -> Any:
    function = ctypes.CDLL(None, use_errno=True).syscall
    function.restype = ctypes.c_long
    return function


def prctl(option: int, value: int) -> None:
    call("prctl", option, value, 0, 0, 0)


def drop_capabilities() -> None:
    """Give up every capability, so that even root's program has none. `linux/capability.h`, version 3."""
    header = ctypes.create_string_buffer((0x20080522).to_bytes(4, sys.byteorder) + bytes(4))
    call("capset", header, ctypes.create_string_buffer(24))
