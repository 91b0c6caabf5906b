"""What a process may see and take, on Linux: a root of its own, its own processes, its own user.

Runs in whatever Python runs users' functions (3.8 and later), so it uses the standard library alone.
Where the machine allows no namespaces, `prepare_root` says why and the rest does what it can.

A prepared root is made once per fork server: an empty filesystem with the system's folders and the
interpreter in it, read-only, and the machine's real root under `/.host`. Each environment copies
that view (a new mount namespace), adds the function's code, layers and `/tmp`, and lets go of
`/.host`: after that nothing else of the machine can be reached by any path.
"""

import contextlib
import ctypes
import os
import resource
import signal
import struct
import sys

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT = 1, 2, 4, 32
MS_BIND, MS_REC, MS_SLAVE = 4096, 16384, 1 << 19
MNT_DETACH = 2
CLONE_NEWNS, CLONE_NEWIPC = 0x00020000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID = 0x10000000, 0x20000000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 4, 36, 38

HOST = "/.host"
SYSTEM_FOLDERS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr", "etc", "nix", "gnu")
DEVICES = ("null", "zero", "full", "random", "urandom")
SYSCALLS = {"x86_64": (155, 126), "aarch64": (41, 91)}  # pivot_root, capset

# Numbers that systemd's list of user ids leaves to nobody.
USER_FIRST, USERS = 1879100000, 50000
# The user inside a user namespace, where there is only one.
USER_INSIDE = 993
# As AWS sets them. Cores are the exception: AWS allows them, we have nowhere to put them.
FILES_MAX, PROCESSES_MAX, LOCKED_BYTES_MAX = 1024, 742, 65536

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _mount(source, target, kind, flags, options=None):
    arguments = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    data = None if options is None else options.encode()
    result = _libc.mount(*arguments, ctypes.c_ulong(flags), data)
    _check(result, f"mount {target}")


def _bind(source, target, read_only=True):
    """Show `source` at `target`. A read-only remount has to repeat the flags it finds."""
    _mount(source, target, None, MS_BIND | MS_REC)
    if read_only:
        kept = os.statvfs(target).f_flag & (MS_NOSUID | MS_NODEV | 8 | 1024 | 2048)
        _mount(None, target, None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | kept)


def _prctl(option, value):
    _libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0)


def die_with_parent():
    """Be killed when the parent dies, however it dies (Linux; elsewhere a closed socket tells)."""
    if sys.platform == "linux":
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Root:
    """What `prepare_root` achieved."""

    def __init__(self, level, reason=""):
        self.level = level  # "namespaces", "user-namespaces" or "none"
        self.reason = reason
        self.visible = []

    @property
    def is_isolated(self):
        return self.level != "none"


def prepare_root(visible, placed):
    """Move this process into a root that holds the system and the folders `visible`, if allowed.

    `placed` maps further paths in the new root to real paths of this machine.
    """
    if sys.platform != "linux":
        return Root("none", "namespaces are a Linux feature")
    if os.uname().machine not in SYSCALLS:
        return Root("none", f"not known on {os.uname().machine}")
    # What fails must not leave this process half moved, so a child tries it first.
    trial = os.fork()
    if trial == 0:
        code = 1
        try:
            _enter_root(visible, placed)
            code = _try_environment()
        except OSError as error:
            code = error.errno or 1
        finally:
            os._exit(code)
    _, status = os.waitpid(trial, 0)
    if status != 0:
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1
        return Root("none", f"this machine refuses namespaces ({os.strerror(code)})")
    return _enter_root(visible, placed)


def _try_environment():
    """0 when an environment can be made inside the root, else an error number."""
    original = os.open("/proc/self/ns/pid", os.O_RDONLY)
    child = fork_in_namespace(original)
    if child == 0:
        code = 1
        try:
            enter_environment()
            code = 0
        except OSError as error:
            code = error.errno or 1
        finally:
            os._exit(code)
    return os.WEXITSTATUS(os.waitpid(child, 0)[1])


def _enter_root(visible, placed):
    root = Root("namespaces" if os.geteuid() == 0 else "user-namespaces")
    if root.level == "user-namespaces":
        user, group = os.geteuid(), os.getegid()
        _check(_libc.unshare(CLONE_NEWUSER | CLONE_NEWNS), "unshare user")
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{USER_INSIDE} {user} 1")
        _write("/proc/self/gid_map", f"{USER_INSIDE} {group} 1")
        _go_on_in_a_namespace_of_our_own()
    else:
        _check(_libc.unshare(CLONE_NEWNS), "unshare mounts")
    _mount(None, "/", None, MS_REC | MS_SLAVE)
    resolver = os.path.dirname(os.path.realpath("/etc/resolv.conf"))
    if not resolver.startswith("/etc") and os.path.isdir(resolver):
        visible = [*visible, resolver]
    visible = sorted({os.path.realpath(folder) for folder in visible if os.path.isdir(folder)})
    base = "/tmp"  # noqa: S108
    _mount("tmpfs", base, "tmpfs", MS_NOSUID, "mode=0755,size=16m")
    os.mkdir(base + HOST)
    number = SYSCALLS[os.uname().machine][0]
    result = _libc.syscall(number, os.fsencode(base), os.fsencode(base + HOST))
    _check(result, "pivot_root")
    os.chdir("/")
    for name in SYSTEM_FOLDERS:
        source = HOST + "/" + name
        if os.path.islink(source):
            os.symlink(os.readlink(source), "/" + name)
        elif os.path.isdir(source):
            os.mkdir("/" + name)
            _bind(source, "/" + name)
    for folder in ("dev", "proc", "tmp", "opt", "var", "var/task", "var/runtime", "run", ".own"):
        os.mkdir("/" + folder)
    for target, source in placed.items():
        _place(HOST + source, target)
    os.chmod("/tmp", 0o1777)  # noqa: S103, S108
    for name in DEVICES:
        _write("/dev/" + name, "")
        _bind(HOST + "/dev/" + name, "/dev/" + name, read_only=False)
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        os.symlink("/proc/self/fd" + target, "/dev/" + name)
    _mount(HOST + "/proc", "/proc", None, MS_BIND | MS_REC)
    _write("/lambda-entrypoint.sh", "#!/bin/sh\nexec /var/runtime/bootstrap\n")
    os.chmod("/lambda-entrypoint.sh", 0o755)  # noqa: S103
    for folder in visible:
        _show(folder, HOST + folder)
    _mount(None, "/", None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID)
    root.visible = visible
    return root


def _go_on_in_a_namespace_of_our_own():
    """Go on as a child that is first in its process namespace; this process only waits for it.

    Returning from an environment's namespace is allowed to one that this user owns, and the
    machine's is not.
    """
    _check(_libc.unshare(CLONE_NEWPID), "unshare processes")
    child = os.fork()
    if child == 0:
        die_with_parent()
        return
    os.closerange(3, 256)
    _, status = os.waitpid(child, 0)
    os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1)


def _place(source, target):
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
        _bind(source, target)
    elif os.path.isfile(source):
        _write(target, "")
        _bind(source, target)


def _show(folder, source):
    if any(folder == "/" + name or folder.startswith("/" + name + "/") for name in SYSTEM_FOLDERS):
        return
    os.makedirs(folder, mode=0o755, exist_ok=True)
    _bind(source, folder)


def _write(path, text):
    with open(path, "w") as file:
        file.write(text)


def fork_in_namespace(original):
    """Fork a child that is the first process of a new process namespace.

    `original` is the open `/proc/self/ns/pid`: returning to it lets the next child have another.
    """
    _check(_libc.unshare(CLONE_NEWPID), "unshare processes")
    child = os.fork()
    if child != 0:
        _check(_libc.setns(original, CLONE_NEWPID), "setns")
    return child


def enter_environment():
    """Give this process its own mounts and its own view of processes."""
    _check(_libc.unshare(CLONE_NEWNS | CLONE_NEWIPC), "unshare")
    _mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | 8)


def fill_environment(root, number, code, layers, tmp_mb, has_own_hosts=False):
    """Put the code at /var/task, the layers at /opt and a fresh /tmp; then forget the machine.

    With `has_own_hosts`, /etc/hosts is a copy that the environment's user may write.
    """
    _bind(HOST + code, "/var/task")
    kept = [folder for folder in root.visible if folder.startswith("/opt/")]
    if layers:
        _show_layers([HOST + layer for layer in layers], kept)
    options = f"mode=1777,size={tmp_mb}m"
    _mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, options)  # noqa: S108
    for folder in root.visible:
        if folder.startswith("/tmp/"):  # noqa: S108
            os.makedirs(folder, mode=0o755, exist_ok=True)
            _bind(HOST + folder, folder)
    user = user_of(root, number)
    users_file = "/.own/passwd"
    _mount("tmpfs", "/.own", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=64k")
    _write(
        users_file,
        "root:x:0:0:root:/root:/bin/sh\n"
        f"sbx_user1051:x:{user}:{user}::/home/sbx_user1051:/bin/sh\n",
    )
    if os.path.exists("/etc/passwd"):
        _bind(users_file, "/etc/passwd")
    if has_own_hosts and os.path.exists("/etc/hosts"):
        with open("/etc/hosts") as file:
            _write("/.own/hosts", file.read())
        os.chmod("/.own/hosts", 0o666)  # noqa: S103
        _bind("/.own/hosts", "/etc/hosts", read_only=False)
    _check(_libc.umount2(os.fsencode(HOST), MNT_DETACH), "umount")


def _show_layers(layers, kept):
    """Later layers cover earlier ones. Interpreters installed under /opt stay visible."""
    if len(layers) == 1 and not kept:
        _bind(layers[0], "/opt")
        return
    _mount("tmpfs", "/.own", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755")
    for folder in kept:
        os.makedirs("/.own" + folder, mode=0o755, exist_ok=True)
    os.makedirs("/.own/opt", exist_ok=True)
    covering = [*reversed(layers), "/.own/opt"]
    lower = ":".join(folder.replace("\\", "\\\\").replace(":", "\\:") for folder in covering)
    _mount("overlay", "/opt", "overlay", MS_RDONLY | MS_NOSUID | MS_NODEV, "lowerdir=" + lower)
    for folder in kept:
        _bind(HOST + folder, folder)


def user_of(root, number):
    """The user that environment `number` runs as."""
    if root.level == "user-namespaces":
        return USER_INSIDE
    return USER_FIRST + number % USERS if os.geteuid() == 0 else os.geteuid()


def can_be_nobody(root, folders):
    """Whether this process may run code as a user of its own, and that user could read the code."""
    if os.geteuid() != 0 or root.level == "user-namespaces":
        return False
    return root.is_isolated or all(_anyone_can_read(folder) for folder in folders)


def _anyone_can_read(folder):
    folder = os.path.realpath(folder)
    if os.stat(folder).st_mode & 0o005 != 0o005:
        return False
    while folder != "/":
        folder = os.path.dirname(folder)
        if not os.stat(folder).st_mode & 0o001:
            return False
    return True


def confine(root, number, is_nobody):
    """Give up every privilege, in the process that will run the user's code."""
    for limit, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, FILES_MAX),
        (resource.RLIMIT_MEMLOCK, LOCKED_BYTES_MAX),
    ):
        _limit(limit, value)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            _write("/proc/self/oom_score_adj", "1000")
    if is_nobody:
        _limit(resource.RLIMIT_NPROC, PROCESSES_MAX)
        user = user_of(root, number)
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    elif root.level == "user-namespaces":
        _limit(resource.RLIMIT_NPROC, 2 * PROCESSES_MAX)
        header = struct.pack("Ii", 0x20080522, 0)
        _libc.syscall(SYSCALLS[os.uname().machine][1], header, bytes(24))
    if sys.platform == "linux":
        _prctl(PR_SET_NO_NEW_PRIVS, 1)
        # Changing user makes a process unreadable to itself under /proc, which breaks harmless code.
        _prctl(PR_SET_DUMPABLE, 1)
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _limit(limit, value):
    _, hard = resource.getrlimit(limit)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(limit, (value, value))


def adopt_orphans():
    """Make escaped grandchildren children of this process, so that they can be found and killed."""
    if sys.platform == "linux":
        _prctl(PR_SET_CHILD_SUBREAPER, 1)


def kill_everything(root, leader):
    """Kill every process of the environment; `leader` leads the group of the user's process."""
    if root.is_isolated:
        _kill(-1)
        return
    if leader:
        for target in (-leader, leader):
            _kill(target)
    for _ in range(64):  # orphans come to us one generation at a time
        try:
            with open(f"/proc/self/task/{os.getpid()}/children") as file:
                children = [int(word) for word in file.read().split()]
        except OSError:
            return
        others = [child for child in children if child != leader]
        for child in others:
            _kill(child)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child, 0)
        if not others:
            return


def _kill(target):
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(target, signal.SIGKILL)


if __name__ == "__main__":
    found = prepare_root([], {})
    print(found.level, found.reason)
