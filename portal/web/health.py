"""Is it alive, is it ready? For supervisors and load balancers; tells nothing else."""

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy.exc import SQLAlchemyError

from portal.core import heartbeat
from portal.core.db import db
from portal.web.auth import public

bp = Blueprint("health", __name__)

WORKER_SILENT = timedelta(seconds=20)  # it beats every 5 s
DISK_LEAST = 200 * 1024 * 1024  # a day of photos and journal still fits

Check = dict[str, Any]


@bp.get("/healthz")
@public("a supervisor asks whether the process answers; touches no database")
def alive() -> Response:
    """Say that this process answers."""
    return jsonify(status="alive")


@bp.get("/readyz")
@public("a load balancer asks whether work can be taken")
def ready() -> tuple[Response, int]:
    """Say whether database, worker and disk can take work: 200, or 503 with what is missing."""
    database, worker = _database_and_worker()
    checks = {"database": database, "worker": worker, "disk": _disk()}
    good = all(check["ok"] for check in checks.values())
    answer = jsonify(status="ready" if good else "not ready", checks=checks)
    return answer, 200 if good else 503


def _database_and_worker() -> tuple[Check, Check]:
    try:
        age = heartbeat.last_age()
    except SQLAlchemyError:
        db.session.rollback()
        return {"ok": False}, {"ok": False}
    if age is None:
        return {"ok": True}, {"ok": False}
    seconds = round(age.total_seconds(), 1)
    return {"ok": True}, {"ok": age < WORKER_SILENT, "last_seen_seconds": seconds}


def _disk() -> Check:
    folder: Path = current_app.config["SETTINGS"].data_dir
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"probe")
        free = shutil.disk_usage(folder).free
    except OSError:
        return {"ok": False}
    return {"ok": free >= DISK_LEAST, "free_megabytes": free // 1024**2}
