"""`make run` after set-up: migrate, load the demo once, keep web and worker running.

Both children run until Ctrl-C (or SIGTERM) reaches this process; they then get SIGTERM and a few
seconds to finish the requests in hand. When one of them ends by itself, the other is stopped too:
half a portal that looks alive is worse than none.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
START_SECONDS = 60
STOP_SECONDS = 15
ACCOUNTS_BEGIN, ACCOUNTS_END = "<!-- demo accounts -->", "<!-- /demo accounts -->"


class Stop(Exception):
    """Ctrl-C or SIGTERM arrived."""


def on_signal(_number: int, _frame: FrameType | None) -> None:
    """Turn the first signal into Stop; further ones must not interrupt the stopping."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Stop


def settings() -> dict[str, str]:
    """Return the environment of the children, with the defaults of `make run` filled in."""
    defaults = {
        "MODE": "demo",
        "HOST": "127.0.0.1",
        "PORT": "5000",
        "DATA_DIR": str(ROOT / "var"),
        "FLASK_APP": "wsgi:app",
        "PYTHONUNBUFFERED": "1",
    }
    return defaults | dict(os.environ)


def flask(env: dict[str, str], *words: str) -> None:
    """Run one flask command to its end.

    Raises SystemExit with one line when it fails; its own output stands above that line.
    """
    done = subprocess.run([BIN / "flask", *words], cwd=ROOT, env=env, check=False)
    if done.returncode:
        sys.exit(f"`flask {' '.join(words)}` failed; the reason stands above.")


def start(env: dict[str, str], *command: str) -> subprocess.Popen[bytes]:
    """Start one child in a group of its own, so that Ctrl-C reaches it only through us."""
    return subprocess.Popen(
        [BIN / command[0], *command[1:]], cwd=ROOT, env=env, start_new_session=True
    )


def wait_until_alive(env: dict[str, str], children: dict[str, subprocess.Popen[bytes]]) -> None:
    """Return when /healthz answers; SystemExit when a child ended or the time is over."""
    host = env["HOST"] if env["HOST"] not in {"0.0.0.0", "::", ""} else "127.0.0.1"  # noqa: S104 - not bound, asked
    request = urllib.request.Request(
        f"http://{f'[{host}]' if ':' in host else host}:{env['PORT']}/healthz",
        headers={"Host": f"localhost:{env['PORT']}"},
    )
    # A proxy from the environment must not be asked for our own address.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        stop_if_ended(children)
        try:
            with opener.open(request, timeout=5):
                return
        except urllib.error.HTTPError:
            return  # it answers; /readyz tells the rest
        except OSError:
            time.sleep(0.2)
    sys.exit(f"The web server did not answer within {START_SECONDS} seconds.")


def stop_if_ended(children: dict[str, subprocess.Popen[bytes]]) -> None:
    """Raise SystemExit when a child has ended by itself."""
    for name, child in children.items():
        if child.poll() is not None:
            sys.exit(f"The {name} ended by itself (code {child.returncode}); stopping.")


def stop(children: dict[str, subprocess.Popen[bytes]]) -> None:
    """End all children: politely, then by force."""
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children.values():
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def demo_accounts() -> str:
    """Return the table of demo accounts as it stands in the README."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return text.partition(ACCOUNTS_BEGIN)[2].partition(ACCOUNTS_END)[0].strip()


def greet(env: dict[str, str]) -> None:
    """Print where the portal is and, in the demo, who can sign in."""
    if env["MODE"] == "demo":
        address = env.get("PUBLIC_BASE_URL", f"http://localhost:{env['PORT']}")
        sys.stdout.write(f"\n{demo_accounts()}\n\n五方 Wufang (demo) is running: {address}\n")
    else:
        sys.stdout.write(f"\n五方 Wufang is running: {env['PUBLIC_BASE_URL']}\n")
    sys.stdout.write("Ctrl-C stops it.\n")
    sys.stdout.flush()


def main() -> None:
    """Run until stopped."""
    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGTERM, on_signal)
    env = settings()
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        flask(env, "db", "upgrade")
        if env["MODE"] == "demo":
            flask(env, "seed", "demo")
        children["web server"] = start(env, "gunicorn", "wsgi:app")
        children["worker"] = start(env, "flask", "worker", "run")
        wait_until_alive(env, children)
        greet(env)
        while True:
            stop_if_ended(children)
            time.sleep(0.5)
    except Stop:
        sys.stdout.write("\nStopping ...\n")
    finally:
        stop(children)


if __name__ == "__main__":
    main()
