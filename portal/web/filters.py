"""How times, spans and references are written for a reader. The one conversion at the edge."""

from datetime import datetime, timedelta

from flask import Flask
from flask_babel import format_date, gettext, ngettext

from portal.core import clock, ids


def datetime_local(value: datetime | None) -> str:
    """Write a time as people here read it: today 14:20, 11-22 01:10, 2025-11-22 01:10."""
    if value is None:
        return "—"
    local, today = value.astimezone(ids.SHANGHAI), clock.now().astimezone(ids.SHANGHAI)
    if local.date() == today.date():
        return str(gettext("today %(time)s", time=f"{local:%H:%M}"))
    if local.date() == today.date() - timedelta(days=1):
        return str(gettext("yesterday %(time)s", time=f"{local:%H:%M}"))
    if local.year == today.year:
        return f"{local:%m-%d %H:%M}"
    return f"{local:%Y-%m-%d %H:%M}"


def time_local(value: datetime | None) -> str:
    """Write the hour and minute in Shanghai."""
    return "—" if value is None else f"{value.astimezone(ids.SHANGHAI):%H:%M}"


def date_local(value: datetime | None) -> str:
    """Write the day in Shanghai, in the reader's language."""
    return "—" if value is None else format_date(value.astimezone(ids.SHANGHAI), "long")


def iso(value: datetime | None) -> str:
    """Write a machine's time with offset, whole seconds."""
    return "" if value is None else value.astimezone(ids.SHANGHAI).isoformat(timespec="seconds")


def duration(value: timedelta | float | None) -> str:
    """Write a span in its two largest parts; takes a timedelta or seconds."""
    if value is None:
        return "—"
    seconds = int(value.total_seconds() if isinstance(value, timedelta) else value)
    minutes = abs(seconds) // 60
    days, rest = divmod(minutes, 1440)
    hours, mins = divmod(rest, 60)
    if days:
        parts = [ngettext("%(num)d day", "%(num)d days", days)]
        if hours:
            parts.append(ngettext("%(num)d hour", "%(num)d hours", hours))
    elif hours:
        parts = [ngettext("%(num)d hour", "%(num)d hours", hours)]
        if mins:
            parts.append(ngettext("%(num)d minute", "%(num)d minutes", mins))
    else:
        parts = [ngettext("%(num)d minute", "%(num)d minutes", mins)]
    return " ".join(parts)


def ago(value: datetime | None) -> str:
    """Write how long ago a time was."""
    if value is None:
        return "—"
    passed = clock.now() - value
    if passed < timedelta(minutes=1):
        return str(gettext("just now"))
    return str(gettext("%(span)s ago", span=duration(passed)))


def ref(value: str) -> str:
    """Write a reference 4-4-4."""
    return f"{value[:4]}-{value[4:8]}-{value[8:]}"


def long_datetime(value: datetime | None) -> str:
    """Write a full date and time in the reader's language."""
    return "—" if value is None else f"{date_local(value)} {time_local(value)}"


def init_app(app: Flask) -> None:
    """Give templates the filters."""
    for filter_ in (datetime_local, time_local, date_local, iso, duration, ago, ref, long_datetime):
        app.add_template_filter(filter_)
