"""Forks execution environments: a prepared process, and a warden for each environment.

Run by the interpreter that runs the functions (or by Fogline's own for other runtimes) as
`fork_server.py DESCRIPTOR SETTINGS`. On the control socket, the server sends one byte with one
descriptor for each environment it wants: the socket of its warden.

A warden is the first process of its environment. It keeps the privileges that the user's process
gives up, and does what the server says on its socket (frames of JSON, as in `workers/frames.py`):

    mount   put code, layers and /tmp in place             answers {"mounted": true} or {"failed": why}
    start   fork the user's process; 2 descriptors: its protocol socket and where its output goes
    kill    end the user's process and everything it started

It reports each end of the user's process as {"exited": life, "status": wait status}, and ends with
everything below it when its socket closes.
"""

import fcntl
import gc
import json
import os
import select
import shutil
import signal
import socket
import struct
import sys
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import python_runtime
import sandbox

FRAME_BYTES_MAX = 1 << 20


def serve(control, settings):
    """Fork a warden for each descriptor that arrives, until the control socket closes."""
    global runtime_api
    sandbox.die_with_parent()
    kind = settings["kind"]
    visible = settings["visible"] = [
        os.path.dirname(os.path.abspath(__file__)),
        *settings["visible"],
    ]
    sdk = ""
    if kind == "python":
        sdk = python_runtime.preload(settings["sdk"])
        visible += python_runtime.own_folders()
    elif kind == "custom":
        import runtime_api

        visible += python_runtime.own_folders()
    root = sandbox.Root("none", "switched off")
    if settings["isolate"]:
        root = sandbox.prepare_root(visible, settings["placed"])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    hello = {"level": root.level, "reason": root.reason, "sdk": sdk, "version": sys.version}
    send(control, hello)
    original = os.open("/proc/self/ns/pid", os.O_RDONLY) if root.is_isolated else -1
    gc.collect()
    gc.freeze()
    number = 0
    while True:
        data, descriptors = receive_with_descriptors(control, 1)
        if not data:
            os._exit(0)
        number = number + 1
        if not descriptors:
            continue
        child = sandbox.fork_in_namespace(original) if root.is_isolated else os.fork()
        if child == 0:
            control.close()
            seat = settings["seat"] + number
            try:
                Warden(socket.socket(fileno=descriptors[0]), root, settings, seat).work()
            finally:
                os._exit(70)
        for descriptor in descriptors:
            os.close(descriptor)


class Warden:
    """The first process of one environment."""

    def __init__(self, channel, root, settings, number):
        self.channel, self.root, self.settings, self.number = channel, root, settings, number
        self.process = self.life = 0
        self.own_folder = ""
        self.folders = [folder for folder in settings["visible"] if os.path.exists(folder)]
        self.is_nobody = sandbox.can_be_nobody(root, self.folders)

    def work(self):
        sandbox.die_with_parent()
        os.setsid()
        woken, waker = socket.socketpair()
        woken.setblocking(False)
        waker.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        if self.root.is_isolated:
            # Its number on the machine, which only the machine's own view of processes shows.
            send(self.channel, {"warden": int(os.readlink("/proc/self"))})
            sandbox.enter_environment()
        else:
            send(self.channel, {"warden": os.getpid()})
            sandbox.adopt_orphans()
        while True:
            readable, _, _ = select.select([self.channel, woken], [], [])
            if woken in readable:
                woken.recv(4096)
                self.reap()
            if self.channel in readable:
                self.obey(woken, waker)

    def obey(self, *private):
        header, descriptors = receive_with_descriptors(self.channel, 5)
        if not header:
            self.end()
        size, _ = struct.unpack(">IB", header)
        command = json.loads(receive_exactly(self.channel, size))
        name = command["do"]
        if name == "start":
            self.start(command, descriptors, private)
        elif name == "mount":
            self.mount(command)
        elif name == "kill" and command["life"] == self.life and self.process:
            sandbox.kill_everything(self.root, self.process)
            self.reap(must=True)

    def mount(self, command):
        try:
            if self.root.is_isolated:
                sandbox.fill_environment(
                    self.root,
                    self.number,
                    command["code"],
                    command["layers"],
                    command["tmp_mb"],
                    has_own_hosts=self.settings["kind"] == "custom",
                )
            else:
                self.make_folders(command)
        except OSError as error:
            send(self.channel, {"failed": str(error)})
            return
        send(self.channel, {"mounted": True})

    def make_folders(self, command):
        """Without namespaces: a folder of its own for /tmp, and the layers side by side."""
        self.own_folder = command["folder"]
        own = [command["code"], *command["layers"], *self.folders]
        self.is_nobody = sandbox.can_be_nobody(self.root, own)
        for name in ("tmp", "opt"):
            os.makedirs(os.path.join(self.own_folder, name), mode=0o755, exist_ok=True)
        opt = os.path.join(self.own_folder, "opt")
        for layer in command["layers"]:
            shutil.copytree(layer, opt, symlinks=True, dirs_exist_ok=True)
        os.chmod(os.path.join(self.own_folder, "tmp"), 0o1777)  # noqa: S103

    def start(self, command, descriptors, private):
        assert not self.process
        self.life = command["life"]
        child = os.fork()
        if child != 0:
            self.process = child
            for descriptor in descriptors:
                os.close(descriptor)
            return
        code = 71
        try:
            self.become_runtime(*descriptors)
            if self.settings["kind"] == "python":
                code = python_runtime.run(3)
            elif self.settings["kind"] == "custom":
                code = runtime_api.run(3)
            else:
                environment = command["environment"]
                os.execve(command["arguments"][0], command["arguments"], environment)  # noqa: S606
        except BaseException:
            os.write(2, (f"Fogline's runtime failed:\n{traceback.format_exc()}").encode())
        finally:
            os._exit(code)

    def become_runtime(self, protocol, output):
        """Turn this fresh child into the user's process: descriptors 0 to 3, no privileges."""
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        names = [signal.SIGCHLD, signal.SIGINT]
        if self.settings["kind"] != "python":
            names.append(signal.SIGPIPE)  # which Python ignores, and others expect
        for name in names:
            signal.signal(name, signal.SIG_DFL)
        # Moved out of the way first: any of the four targets may be one of the sources.
        protocol, output = (move_up(descriptor) for descriptor in (protocol, output))
        nothing = os.open("/dev/null", os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.dup2(protocol, 3)
        os.closerange(4, 256)
        os.set_inheritable(3, True)
        os.chdir("/")
        os.umask(0o022)
        sandbox.confine(self.root, self.number, self.is_nobody)

    def reap(self, must=False):
        """Collect what ended; when that is the user's process, end the rest and say so."""
        while True:
            try:
                waits = must and self.process
                process, status = os.waitpid(
                    self.process if waits else -1, 0 if waits else os.WNOHANG
                )
            except ChildProcessError:
                return
            if process == 0:
                return
            if process == self.process:
                sandbox.kill_everything(self.root, process)
                self.process, must = 0, False
                send(self.channel, {"exited": self.life, "status": status})

    def end(self):
        sandbox.kill_everything(self.root, self.process)
        if self.own_folder:
            shutil.rmtree(self.own_folder, ignore_errors=True)
        os._exit(0)


def move_up(descriptor):
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD, 100)


def send(channel, message):
    body = json.dumps(message).encode()
    channel.sendall(struct.pack(">IB", len(body), ord("J")) + body)


def receive_with_descriptors(channel, size):
    """`size` bytes and the descriptors sent along with the first; b"" when the socket has closed."""
    descriptor_size = struct.calcsize("i")
    try:
        data, ancillary, _, _ = channel.recvmsg(size, socket.CMSG_SPACE(4 * descriptor_size))
    except OSError:
        return b"", []
    descriptors = []
    for level, kind, content in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            count = len(content) // descriptor_size
            descriptors += struct.unpack(f"{count}i", content[: count * descriptor_size])
    if data and len(data) < size:
        data += receive_exactly(channel, size - len(data))
    return data, descriptors


def receive_exactly(channel, size):
    assert size <= FRAME_BYTES_MAX
    data = b""
    while len(data) < size:
        more = channel.recv(size - len(data))
        if not more:
            os._exit(0)
        data += more
    return data


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), json.loads(sys.argv[2]))
