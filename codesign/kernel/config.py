"""Every ``CODESIGN_*`` setting in one table. Nothing else in the house reads the environment."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codesign.kernel.errors import Invalid
from codesign.kernel.text import _


@dataclass(frozen=True)
class Setting:
    """One line of the table: environment name without prefix, type, default, what it does; what a number must be at least
    and at most, which words are taken (all, if none are named).
    """

    name: str
    kind: type
    default: Any
    help: str
    secret: bool = False
    least: int = 1
    most: int = 1_000_000_000
    words: tuple[str, ...] = ()


TABLE: tuple[Setting, ...] = (
    Setting("INSTANCE", str, "instance", "Folder with the database, the secret key and exports."),
    Setting(
        "DATABASE_URL", str, "", "Where the data lies. Empty: SQLite in the instance folder. Else postgresql://…", True
    ),
    Setting("SECRET_KEY", str, "", "Signs cookies and links. Empty: made at random in the instance folder.", True),
    Setting(
        "BASE_URL", str, "", "Public address used in mails, links and socket origins, e.g. https://ideas.example.org."
    ),
    Setting("ALLOWED_ORIGINS", str, "", "Further origins whose pages may open sockets, separated by commas."),
    Setting(
        "TRUSTED_PROXIES",
        int,
        0,
        "How many reverse proxies in front may set X-Forwarded-For/-Proto/-Host.",
        least=0,
        most=100,
    ),
    Setting("DEMO", bool, False, "Demo mode: one-click people and a banner. Only on 127.0.0.1."),
    Setting("DEMO_PUBLIC", bool, False, "Let demo mode listen on other addresses; then only customers are offered."),
    Setting("PLUGINS", str, "", "Empty: all found. 'none': safe mode. Else the allowed names, separated by commas."),
    Setting("PLUGIN_FOLDERS", str, "", "Further folders in which plugins lie, separated by the path separator."),
    Setting(
        "TRACE_PLUGINS", bool, False, "Print every hook call: plugin, hook, space, time, outcome; never what was said."
    ),
    Setting(
        "PRIVATE_ADDRESSES",
        str,
        "",
        "Hosts or networks (10.0.0.0/8) that plugins may call though they are private, separated by commas.",
    ),
    Setting("WORKER_MEMORY_MB", int, 1024, "Memory the worker may take, in megabytes (Linux). 0: no limit.", least=0),
    Setting(
        "TICK_MS", int, 50, "How often changes are sent to screens, in milliseconds; from 500 sockets on less often."
    ),
    Setting("VOTES_PER_MINUTE", int, 60, "Votes one person may cast in a minute."),
    Setting("VOTES_BURST", int, 30, "Votes one person may cast at once."),
    Setting("VOTES_PER_MINUTE_ADDRESS", int, 600, "Votes from one network address in a minute."),
    Setting(
        "TOKEN_VOTES_PER_SECOND", int, 1000, "Votes that may come with one token in a second, whoever it acts for."
    ),
    Setting("TEXTS_PER_MINUTE", int, 10, "Ideas, comments and flags one person may write in a minute."),
    Setting(
        "LOGINS_PER_MINUTE",
        int,
        10,
        "Sign-in tries for one account, and five times as many from one address, in a minute.",
    ),
    Setting(
        "REQUESTS_PER_MINUTE",
        int,
        3000,
        "Requests from one network address in a minute (pages and API, without votes).",
    ),
    Setting(
        "SMTP_URL",
        str,
        "",
        "smtp://user:password@host:587 (smtps:// for TLS at once). Empty: letters stay readable here.",
        True,
    ),
    Setting("MAIL_FROM", str, "Codesign <codesign@localhost>", "Sender of letters."),
    Setting("LANGUAGES", str, "en,de", "Languages offered, the first is the default."),
    Setting("MAX_BODY_KB", int, 1024, "Largest request body in kilobytes.", most=1_000_000),
    Setting("LOG_LEVEL", str, "INFO", "DEBUG, INFO, WARNING or ERROR.", words=("DEBUG", "INFO", "WARNING", "ERROR")),
)


@dataclass(frozen=True)
class Settings:
    """The settings of one app, by lower-case name."""

    values: Mapping[str, Any]
    sources: Mapping[str, str]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def instance_folder(self) -> Path:
        return Path(self.values["instance"]).resolve()

    @property
    def url_of_database(self) -> str:
        """The SQLAlchemy address of the database."""
        return str(self.values["database_url"] or f"sqlite:///{self.instance_folder / 'codesign.db'}")

    def signing_key(self) -> str:
        """The secret key; made once (mode 0600) in the instance folder when none is set."""
        if self.values["secret_key"]:
            return str(self.values["secret_key"])
        path = self.instance_folder / "secret_key"
        self.instance_folder.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text().strip()
        with os.fdopen(handle, "w") as file:
            file.write(key := secrets.token_hex(32))
        return key


def _convert(setting: Setting, text: str) -> Any:
    if setting.kind is bool:
        lowered = text.strip().lower()
        if lowered not in {"", "0", "1", "true", "false", "yes", "no", "on", "off"}:
            raise Invalid.field(f"CODESIGN_{setting.name}", _("Say 1 or 0."))
        return lowered in {"1", "true", "yes", "on"}
    if setting.kind is int:
        return _whole(setting, text)
    if setting.words and text.upper() not in setting.words:
        words = ", ".join(setting.words)
        raise Invalid.field(f"CODESIGN_{setting.name}", _("This must be one of %(words)s.", words=words))
    return text.upper() if setting.words else text


def _whole(setting: Setting, text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise Invalid.field(f"CODESIGN_{setting.name}", _("This must be a whole number.")) from None
    if not setting.least <= number <= setting.most:
        bounds = {"least": setting.least, "most": setting.most}
        raise Invalid.field(f"CODESIGN_{setting.name}", _("This must lie between %(least)s and %(most)s.", **bounds))
    return number


def load(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Settings from *environ* (default: the process's); *overrides* by lower-case name win. Unknown CODESIGN_* names
    are refused.
    """
    environ = os.environ if environ is None else environ
    known = {f"CODESIGN_{setting.name}" for setting in TABLE}
    # CODESIGN_DATA names the public data of the tests and is not a setting of the product.
    unknown = [name for name in environ if name.startswith("CODESIGN_") and name not in known | {"CODESIGN_DATA"}]
    if unknown:
        raise Invalid.field(
            unknown[0], _("There is no setting %(name)s. `codesign doctor` lists them.", name=unknown[0])
        )
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for setting in TABLE:
        key, name = setting.name.lower(), f"CODESIGN_{setting.name}"
        if key in overrides:
            values[key], sources[key] = overrides[key], "argument"
        elif environ.get(name, "") != "":
            values[key], sources[key] = _convert(setting, environ[name]), "environment"
        else:
            values[key], sources[key] = setting.default, "default"
    key = str(values["secret_key"])
    if key and len(key) < 32:
        raise Invalid.field("CODESIGN_SECRET_KEY", _("The secret key needs at least 32 characters."))
    return Settings(values, sources)
