"""Language and reading aids: Chinese by default; choices live in cookies, no account needed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from babel.support import NullTranslations
from flask import Blueprint, Flask, current_app, g, request
from flask_babel import Babel, Domain, get_locale
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from portal.web.auth import public
from portal.web.security import safe_next

LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}
HTML_LANG = {"zh": "zh-CN", "en": "en"}
SIZES = ("", "elder", "elder-xl")
CONTRASTS = ("", "contrast", "outdoors")
YEAR = 365 * 24 * 3600

bp = Blueprint("web", __name__)
babel = Babel()


@dataclass(frozen=True)
class Ui:
    """How this reader wants pages."""

    lang: str
    size: str
    contrast: str
    place_name: str = ""
    place_url: str = "/"
    phone_community: str = ""

    @property
    def html_lang(self) -> str:
        """The document's language tag."""
        return HTML_LANG[self.lang]

    @property
    def html_class(self) -> str:
        """The classes on <html> that switch size and contrast."""
        size = "elder elder-xl" if self.size == "elder-xl" else self.size
        return " ".join(part for part in (size, self.contrast) if part)

    @property
    def elder(self) -> bool:
        """Whether the elder edition is on."""
        return self.size != ""


def current_ui() -> Ui:
    """Return this reader's choices."""
    if "ui" not in g:
        cookies = request.cookies
        g.ui = Ui(
            lang=_known(cookies.get("lang"), tuple(LANGUAGES), "zh"),
            size=_known(cookies.get("size"), SIZES, ""),
            contrast=_known(cookies.get("contrast"), CONTRASTS, ""),
        )
    return g.ui  # type: ignore[no-any-return]


def _known(value: str | None, allowed: tuple[str, ...], default: str) -> str:
    return value if value in allowed else default


def select_locale() -> str:
    """Return the catalogue of this reader's language."""
    return LANGUAGES[current_ui().lang]


@bp.post("/display")
@public("reading aids need no account")
def display() -> Response:
    """Remember language, size or contrast in a cookie and go back."""
    response = redirect(safe_next(request.form.get("next")), code=303)
    for name, allowed in (("lang", tuple(LANGUAGES)), ("size", SIZES), ("contrast", CONTRASTS)):
        if request.form.get(name) in allowed:
            response.set_cookie(
                name,
                request.form[name],
                max_age=YEAR,
                samesite="Lax",
                httponly=True,
                secure=current_app.config["SESSION_COOKIE_SECURE"],
            )
    return response


class Catalogues(Domain):  # type: ignore[misc] # flask-babel ships no types
    """The catalogues; a page asks for a hundred words, so its own is kept at hand."""

    def get_translations(self) -> NullTranslations:
        """Return the catalogue of the language in force, which a letter may have changed."""
        locale = get_locale()
        kept = g.get("catalogue") if locale is not None else (None, NullTranslations())
        if kept is None or kept[0] is not locale:
            kept = g.catalogue = (locale, super().get_translations())
        return kept[1]


@pass_eval_context
def _word(context: EvalContext, text: str, /, **values: Any) -> str:
    """Translate for a template, as Jinja's own gettext does, without its detours."""
    words: str = babel.domain_instance.get_translations().ugettext(text)
    if context.autoescape:
        words = Markup(words)  # noqa: S704 - catalogues and templates are ours
    return words % values if values or "%" in words else words


def _script_words(app: Flask) -> Callable[[], Markup]:
    """Return what draws the script's words: they change with the language only."""
    drawn: dict[str, Markup] = {}

    def script_words() -> Markup:
        lang = current_ui().lang
        if lang not in drawn:
            text = app.jinja_env.get_template("layouts/_script_words.html").render()
            drawn[lang] = Markup(text)  # noqa: S704 - drawn by a template just now
        return drawn[lang]

    return script_words


def init_app(app: Flask) -> None:
    """Set up the catalogues and the reading aids."""
    app.config.update(
        BABEL_DEFAULT_LOCALE=LANGUAGES["zh"],
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        BABEL_TRANSLATION_DIRECTORIES=str(app.config["ROOT"] / "translations"),
    )
    babel.init_app(app, locale_selector=select_locale)
    babel.domain_instance = Catalogues()
    app.jinja_env.globals["gettext"] = app.jinja_env.globals["_"] = _word
    app.jinja_env.globals["script_words"] = _script_words(app)
    app.register_blueprint(bp)
