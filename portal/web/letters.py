"""Words a letter outside any request, in its reader's language."""

from flask import Flask
from flask_babel import force_locale

from portal.web.locale import LANGUAGES


class Writer:
    """Renders plain-text templates without the page's values: a letter has no reader on line."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def __call__(self, name: str, lang: str, /, **values: object) -> str:
        """Return the text of `emails/<name>` in a language; an unknown one reads Chinese."""
        template = self.app.jinja_env.get_template(f"emails/{name}")
        with self.app.app_context(), force_locale(LANGUAGES.get(lang, LANGUAGES["zh"])):
            return template.render(**values)
