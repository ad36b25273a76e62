"""Who may knock where: the list of public endpoints, to be read before it is stored.

python -m tests.support.doors > tests/house/public_endpoints.txt
"""

import tempfile
from dataclasses import replace
from pathlib import Path

from flask import Flask

from portal.app import create_app
from portal.core.settings import Mode
from portal.web.auth import public_reason_of
from tests.support.databases import settings


def public_doors(app: Flask) -> list[str]:
    """Return one line for each address without a policy: methods, address, endpoint, why."""
    return sorted(
        f"{' '.join(sorted((rule.methods or set()) - {'HEAD', 'OPTIONS'}))} {rule.rule}"
        f" -> {rule.endpoint}: {reason}"
        for rule in app.url_map.iter_rules()
        if (reason := public_reason_of(app.view_functions[rule.endpoint])) is not None
    )


def demo_app(folder: Path) -> Flask:
    """Return the application as the demonstration runs it: with every door it can have."""
    return create_app(replace(settings(folder, f"sqlite:///{folder / 'demo.db'}"), mode=Mode.DEMO))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        print("\n".join(public_doors(demo_app(Path(name)))))
