"""Names under `.localhost`, for programs that ask the system: it learns them from what the programs are given.

Few systems' resolvers know that such names are this machine (RFC 6761), and no file of hosts has patterns. But a
program has its names from somewhere: from its variables, or from the event it handles. What is named there is written
into the hosts file, which is the environment's own.
"""

import os
import re

ENDING, LONGER_ENDING = b".localhost", b".localhost.localstack.cloud"
NAMES_MAX, PLACES_MAX, NAME_BYTES_MAX = 500, 100, 253
_LABELS = re.compile(rb"\w[\w-]{0,62}(\.\w[\w-]{0,62})*\Z", re.ASCII)
_NAME_BYTES = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


class Hosts:
    """The hosts file, where it is the environment's own (see `sandbox.fill_environment`)."""

    def __init__(self, path="/etc/hosts", own="/.own/hosts"):
        self.path = path
        self.known = set()
        self.is_own = os.path.exists(own) and os.path.samefile(path, own)

    def learn(self, data):
        """Note the names in some bytes."""
        if not self.is_own or ENDING not in data:
            return
        new = [name for name in names_in(data) if name not in self.known]
        if new and len(self.known) + len(new) <= NAMES_MAX:
            self.known.update(new)
            line = b"127.0.0.1 %b\n" % b" ".join(new)
            try:
                with open(self.path, "ab") as file:
                    file.write(line)
            except OSError:
                self.is_own = False


def names_in(data):
    """The first names under `.localhost` in some bytes, each once."""
    names = {}
    at = -1
    for _ in range(PLACES_MAX):
        at = data.find(ENDING, at + 1)
        if at < 0:
            break
        start = at
        while start > 0 and at - start < NAME_BYTES_MAX and data[start - 1] in _NAME_BYTES:
            start -= 1
        ending = LONGER_ENDING if data.startswith(LONGER_ENDING, at) else ENDING
        end = at + len(ending)
        is_whole = end == len(data) or data[end] not in _NAME_BYTES
        if is_whole and _LABELS.match(data, start, at):
            names[data[start:end]] = True
    return list(names)
