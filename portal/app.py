"""The composition root: the one place that knows everyone.

Reads the settings, builds the kit, and says who reacts to which fact, who does which due work,
which desks are open and which sentence belongs to which reason.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, g, render_template, session
from flask_babel import lazy_gettext as _l
from flask_login import LoginManager, current_user
from flask_migrate import Migrate
from jinja2 import StrictUndefined

from portal.accounts import desk as sign_in
from portal.accounts import queries as accounts
from portal.accounts import rules as account_rules
from portal.accounts.labels import REASONS as ACCOUNT_REASONS
from portal.accounts.sms import NoSender, ScreenSender
from portal.accounts.views import bp as accounts_desk
from portal.accounts.views import demo as demo_desk
from portal.accounts.views import demo_desk as demo_pages
from portal.accounts.views import me as me_pages
from portal.accounts.views import sign_in as sign_in_pages
from portal.audit import services as audit
from portal.ballots import jobs as ballot_jobs
from portal.ballots.labels import REASONS as BALLOT_REASONS
from portal.casework.queries import dispatch as dispatch_board
from portal.casework.views import bp as casework_desk
from portal.casework.views import dispatch as dispatch_pages
from portal.casework.views import field as field_pages
from portal.casework.views import home as home_pages
from portal.casework.views import problem as problem_pages
from portal.casework.views import whistle as whistle_pages
from portal.cli.accounts import accounts as accounts_commands
from portal.cli.audit import audit as audit_commands
from portal.cli.docs import docs as docs_commands
from portal.cli.imports import imports as import_commands
from portal.cli.mail import mail as mail_commands
from portal.cli.seed import seed as seed_commands
from portal.cli.worker import worker as worker_commands
from portal.core import clock, work
from portal.core import db as database
from portal.core.actor import VISITOR, Actor
from portal.core.bus import Bus
from portal.core.db import db
from portal.core.ids import SHANGHAI
from portal.core.settings import Mode, Settings, load
from portal.duties import models as duties
from portal.duties.views import bp as duties_desk
from portal.media import jobs as media_jobs
from portal.media.labels import REFUSALS
from portal.media.storage import LocalStorage, Storage
from portal.notifications import jobs as notification_jobs
from portal.notifications import queries as notifications
from portal.notifications import reactions as notification_reactions
from portal.notifications.mailers import FolderMailer, Mailer, SmtpMailer
from portal.notifications.views import bp as notifications_desk
from portal.organisations import queries as organisations
from portal.organisations.states import Role, UnitKind
from portal.problems import jobs as problem_jobs
from portal.problems import policies as problem_policies
from portal.problems import reactions as problem_reactions
from portal.problems import services as problems
from portal.problems.labels import REASONS as PROBLEM_REASONS
from portal.problems.views import assignments as assignment_pages
from portal.problems.views import bp as problems_desk
from portal.problems.views import checks as check_pages
from portal.problems.views import entry as entry_pages
from portal.problems.views import report as report_pages
from portal.problems.views import resident as resident_pages
from portal.problems.views import street as street_pages
from portal.rulebook import queries as rulebook
from portal.satisfaction import reactions as satisfaction_reactions
from portal.satisfaction.labels import REASONS as SATISFACTION_REASONS
from portal.satisfaction.views import bp as satisfaction_desk
from portal.supervision import jobs as supervision_jobs
from portal.supervision import reactions as supervision_reactions
from portal.supervision.labels import REASONS as SUPERVISION_REASONS
from portal.supervision.views import bp as supervision_desk
from portal.web import auth, errors, filters, health, locale, nav, security, transaction
from portal.web.auth import moment, public
from portal.web.letters import Writer
from portal.web.nav import NavEntry
from portal.whistles import jobs as whistle_jobs
from portal.whistles import policies as whistle_policies
from portal.whistles import reactions as whistle_reactions
from portal.whistles.labels import REASONS as WHISTLE_REASONS
from portal.whistles.views import bp as whistles_desk
from portal.whistles.views import command as whistle_command
from portal.whistles.views import composer as whistle_composer
from portal.whistles.views import field as whistle_field

LOADED = (
    duties,
    problems,
    demo_pages,
    me_pages,
    sign_in_pages,
    dispatch_pages,
    home_pages,
    problem_pages,
    assignment_pages,
    check_pages,
    entry_pages,
    report_pages,
    resident_pages,
    street_pages,
    field_pages,
    whistle_pages,
    whistle_command,
    whistle_composer,
    whistle_field,
)
ROOT = Path(__file__).resolve().parent.parent


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application from checked settings; raises SettingsError."""
    settings = settings or load()
    app = Flask("portal", root_path=str(ROOT / "portal"), template_folder=str(ROOT / "templates"))
    app.config.update(
        ROOT=ROOT,
        SETTINGS=settings,
        MODE=settings.mode.value,
        HOST=settings.host,
        SECRET_KEY=settings.secret_key,
        PUBLIC_BASE_URL=settings.public_base_url,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"hide_parameters": True},  # a fault's log holds nobody's words
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.mode is Mode.TEST:
        clock.read_offset_from(settings.data_dir / "clock-offset")

    database.init_app(app, write_lock_path=settings.data_dir / "write.lock")
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    app.extensions["bus"] = _bus()
    storage = app.extensions["storage"] = LocalStorage(settings.data_dir / "media")
    app.extensions["work"] = _work(storage)

    security.init_app(app)
    transaction.init_app(app)
    locale.init_app(app)
    filters.init_app(app)
    errors.init_app(app, _reasons())
    _sign_in(app, settings)
    auth.init_app(app, _load_actor)
    nav.init_app(app, RESIDENT_NAV, STAFF_NAV, _badges, _place)
    _register_desks(app, settings)
    _register_commands(app)
    auth.check_doors(app)
    return app


def _bus() -> Bus:
    bus = Bus()
    bus.subscribe_to_all(audit.write)
    problem_reactions.subscribe(bus)
    satisfaction_reactions.subscribe(bus)
    whistle_reactions.subscribe(bus)
    supervision_reactions.subscribe(bus)
    notification_reactions.subscribe(bus)
    return bus


def _work(storage: Storage) -> work.Registry:
    registry = work.Registry()
    media_jobs.register(registry, storage)
    ballot_jobs.register(registry)
    problem_jobs.register(registry)
    notification_jobs.register(registry)
    whistle_jobs.register(registry)
    supervision_jobs.register(registry)
    return registry


def _reasons() -> dict[str, object]:
    """Gather the sentences of all reason codes; a code stands in one feature."""
    found: dict[str, object] = {}
    gathered: tuple[Mapping[Any, object], ...] = (
        REFUSALS,
        ACCOUNT_REASONS,
        BALLOT_REASONS,
        PROBLEM_REASONS,
        SATISFACTION_REASONS,
        WHISTLE_REASONS,
        SUPERVISION_REASONS,
    )
    for reasons in gathered:
        for code, sentence in reasons.items():
            if code in found:
                raise RuntimeError(f"reason {code} has two sentences")
            found[code] = sentence
    return found


def _register_desks(app: Flask, settings: Settings) -> None:
    app.view_functions["static"] = public("assets hold nothing private")(
        app.view_functions["static"]
    )
    app.register_blueprint(health.bp)
    app.register_blueprint(accounts_desk)
    app.register_blueprint(problems_desk)
    app.register_blueprint(casework_desk)
    app.register_blueprint(duties_desk)
    app.register_blueprint(satisfaction_desk)
    app.register_blueprint(whistles_desk)
    app.register_blueprint(supervision_desk)
    app.register_blueprint(notifications_desk)
    if settings.is_demo:
        app.register_blueprint(demo_desk)
    if settings.is_demo or settings.mode is Mode.TEST:

        @app.get("/styleguide", defaults={"page": "index"})
        @app.get("/styleguide/<any(index, home, board, whistle, wall):page>")
        @public("shows components with sample data only")
        def styleguide(page: str) -> str:
            return render_template(f"styleguide/{page}.html")


def _register_commands(app: Flask) -> None:
    for commands in (
        accounts_commands,
        audit_commands,
        docs_commands,
        import_commands,
        mail_commands,
        seed_commands,
        worker_commands,
    ):
        app.cli.add_command(commands)


def _sign_in(app: Flask, settings: Settings) -> None:
    login = LoginManager(app)
    login.session_protection = None  # the row in browser_sessions decides
    login.user_loader(_load_user)
    shown = settings.is_demo or settings.mode is Mode.TEST
    post = app.extensions["post"] = notification_jobs.Post(
        _mailer(settings), Writer(app), settings.public_base_url
    )
    sign_in.init_app(
        app,
        by_phone=ScreenSender() if shown else NoSender(),
        by_mail=notification_jobs.MailCodeSender(post, lambda: locale.current_ui().lang),
        limits_at=_sign_in_limits,
    )


def _mailer(settings: Settings) -> Mailer | None:
    """Return the way mail takes: the server that is set, a folder in demo, none in service."""
    if settings.smtp_url:
        return SmtpMailer(settings.smtp_url)
    return None if settings.mode is Mode.SERVICE else FolderMailer(settings.mailbox_dir)


def _sign_in_limits(now: datetime) -> account_rules.Limits:
    return account_rules.limits(rulebook.installation(now.astimezone(SHANGHAI).date()))


def _load_user(token: str) -> sign_in.SessionUser | None:
    who = organisations.who(token, moment())
    if who is None:
        return None
    found, g.seats = who
    return sign_in.user_of(token, found)


def _load_actor() -> Actor:
    opened = frozenset(session.get("opened", ()))
    if not current_user.is_authenticated:
        return Actor(opened_refs=opened) if opened else VISITOR
    found: accounts.SignedIn = current_user.found
    if "seats" not in g:  # signed in by this very request
        return organisations.actor_of(found.person_id, found.public_name, moment(), opened)
    return organisations.actor(found.person_id, found.public_name, g.seats, opened)


def _place() -> nav.Place:
    if not current_user.is_authenticated:
        return nav.Place()
    found: accounts.SignedIn = current_user.found
    return nav.Place(name=found.community_name or "", phone=found.community_phone or "")


def _badges(actor: Actor) -> dict[str, int]:
    unread = notifications.unread(actor.person_id or 0)
    counts = {"me": unread, "notices": unread}
    return counts | dispatch_board.badges(actor) if actor.is_staff else counts


def _not_staff(actor: Actor) -> bool:
    return not actor.is_staff


def _signed_in_resident(actor: Actor) -> bool:
    return actor.signed_in and not actor.is_staff


def _visitor(actor: Actor) -> bool:
    return not actor.signed_in


def _is_staff(actor: Actor) -> bool:
    return actor.is_staff


def _of_street(actor: Actor) -> bool:
    return actor.sits(*problem_policies.STREET_ROLES)


def _of_district(actor: Actor) -> bool:
    return actor.sits(*problem_policies.DISTRICT_ROLES)


def _of_department(actor: Actor) -> bool:
    called = (UnitKind.DEPARTMENT, UnitKind.UTILITY)
    roles = whistle_policies.DEPARTMENT_ROLES
    return any(seat.role in roles and seat.unit_kind in called for seat in actor.seats)


def _does_tasks(actor: Actor) -> bool:
    desks = (*problem_policies.STREET_ROLES, *problem_policies.DISTRICT_ROLES)
    return any(seat.role not in {*desks, Role.REVIEWER, Role.AUDITOR} for seat in actor.seats)


def _reviews(actor: Actor) -> bool:
    return bool(problem_policies.can_review(actor, None, moment()))


def _enters(actor: Actor) -> bool:
    return bool(problem_policies.can_enter(actor, None, moment()))


RESIDENT_NAV: tuple[NavEntry, ...] = (
    NavEntry("home", _l("Home"), "casework.home", "home", _not_staff),
    NavEntry("around", _l("Around"), "problems.public_problems", "map", _not_staff),
    NavEntry("report", _l("Report"), "problems.report", "camera", _not_staff, ("/report",)),
    NavEntry("mine", _l("Progress"), "problems.mine", "list", _signed_in_resident),
    NavEntry("track", _l("Progress"), "problems.track", "list", _visitor),
    NavEntry("me", _l("Me"), "accounts.me", "person", _signed_in_resident, ("/me", "/notices")),
    NavEntry("sign_in", _l("Sign in"), "accounts.sign_in", "person", _visitor),
)
STAFF_NAV: tuple[NavEntry, ...] = (
    NavEntry("dispatch", _l("Dispatch"), "casework.dispatch", "monitor", _of_street),
    NavEntry(
        "held", _l("Assigned"), "casework.assignments", "handshake", _of_street,
        ("/dispatch/assignments",),
    ),
    NavEntry("whistles", _l("Whistles"), "whistles.index", "whistle", _of_street, ("/whistles",)),
    NavEntry("field", _l("Calls"), "casework.field", "whistle", _of_department, ("/field",)),
    NavEntry(
        "tasks", _l("Tasks"), "problems.assignments", "list", _does_tasks, ("/assignments",)
    ),
    NavEntry("district", _l("District"), "problems.district", "scale", _of_district),
    NavEntry("rulings", _l("Rulings"), "whistles.district", "whistle", _of_district),
    NavEntry("review", _l("To review"), "problems.review", "eye", _reviews),
    NavEntry("enter", _l("Enter a report"), "problems.enter", "plus", _enters),
    NavEntry("notices", _l("News"), "notifications.notices", "bell", _is_staff, ("/notices",)),
    NavEntry("duties", _l("Duty list"), "duties.show", "doc", _is_staff, ("/duties",)),
)  # fmt: skip
