"""Says in one line what would stop `make` on this machine, before anything is changed.

Runs on the system's Python, whatever its age: standard library only, no newer syntax.
`preflight.py setup` looks at Python and the folder, `preflight.py run` also at the settings
that `make run` needs.
"""

import os
import socket
import sys
import tempfile

OLDEST = (3, 11)
HIGHEST_PORT = 65535
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def check_python():
    if sys.version_info < OLDEST:
        return (
            "Python %d.%d is too old: 3.11 or newer is needed. "
            "Name a newer one: make PYTHON=python3.12 ..." % sys.version_info[:2]
        )
    try:
        import ensurepip  # noqa: F401 - only asked whether it is there
        import venv  # noqa: F401 - the same
    except ImportError:
        return (
            "python3-venv is missing. Install it: "
            "sudo apt-get install python3-venv (or python%d.%d-venv)" % sys.version_info[:2]
        )
    return None


def check_folder(path, name):
    try:
        if not os.path.isdir(path):
            os.makedirs(path)
        with tempfile.TemporaryFile(dir=path):
            return None
    except OSError as error:
        return "%s cannot be written to (%s: %s). Choose another folder or change its rights." % (
            name,
            path,
            error.strerror,
        )


def check_mode():
    mode = os.environ.get("MODE", "demo")
    if mode not in ("demo", "service"):
        return "MODE is %r: it must be demo or service." % mode
    return None


def check_port():
    host = os.environ.get("HOST", "127.0.0.1")
    text = os.environ.get("PORT", "5000")
    if not text.isdigit() or not 1 <= int(text) <= HIGHEST_PORT:
        return "PORT is %r: it must be a number from 1 to 65535." % text
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, int(text), type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, proto) as probe:
            # As the server does it: a port still cooling down after a restart is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return "Port %s on %s cannot be used (%s). Choose another: make run PORT=%d" % (
            text,
            host,
            error.strerror,
            int(text) % HIGHEST_PORT + 1,
        )
    return None


def problems(what):
    yield check_python()
    yield check_folder(ROOT, "The project folder")
    if what == "run":
        yield check_folder(os.environ.get("DATA_DIR", os.path.join(ROOT, "var")), "DATA_DIR")
        yield check_mode()
        yield check_port()


def main():
    for problem in problems(sys.argv[1]):
        if problem:
            sys.exit(problem)


if __name__ == "__main__":
    main()
