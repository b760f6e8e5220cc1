"""Django settings, all in this one file. What differs between deployments comes from the data directory."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from attunement.web import place as _place

PLACE = _place.read(_place.data_root())
HERE = Path(__file__).parent

SECRET_KEY = PLACE.secret_key
DEBUG = False
DEMONSTRATION = PLACE.demonstration
ADDRESS = urlsplit(PLACE.address)
SECURE = ADDRESS.scheme == "https"
ALLOWED_HOSTS = [ADDRESS.hostname or "localhost", "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [f"{ADDRESS.scheme}://{ADDRESS.netloc}"]
ROOT_URLCONF = "attunement.web.urls"
WSGI_APPLICATION = "attunement.web.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = True

STAGES = ["trail", "people", "referral", "consent", "surveys", "fieldwork", "arms", "substudies", "delivery", "films",
          "supervision", "outcomes", "oversight"]
INSTALLED_APPS = [
    "attunement.web",
    *[f"attunement.journey.{stage}" for stage in STAGES],
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_tasks",
    "django_tasks_db",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "attunement.web.middleware.Door",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "attunement.web.middleware.SecondFactor",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "DIRS": [HERE / "templates"],
    "APP_DIRS": True,
    "OPTIONS": {
        "context_processors": [
            "django.template.context_processors.request",
            "django.contrib.auth.context_processors.auth",
            "django.contrib.messages.context_processors.messages",
            "attunement.web.context.page",
        ],
    },
}]


def _database(url: str) -> dict[str, object]:
    """SQLite in the data directory, or PostgreSQL by URL: postgresql://user:password@host:port/name?host=/socket/dir."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": PLACE.root / "study.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 60,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
        }
    parts = urlsplit(url)
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": str(parts.port or query.get("port", "")),
        "CONN_MAX_AGE": 60,
    }


def _clock_offset(starts: str) -> timedelta:
    if not starts:
        return timedelta(0)
    try:
        wanted = datetime.fromisoformat(starts)
    except ValueError:
        raise _place.PlaceError(f"ATTUNEMENT_CLOCK is {starts!r}; it must look like 2021-11-10T09:00.") from None
    return wanted.replace(tzinfo=UTC) - datetime.now(UTC)


DATABASES = {"default": _database(PLACE.database)}
DATABASES["default"].setdefault("CONN_MAX_AGE", None)

AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "start"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to addresses that nobody here has
ACCOUNT_ADAPTER = "attunement.web.accounts.Adapter"
ACCOUNT_SESSION_REMEMBER = False
# axes counts passwords, in the database, for all processes. This one counts codes of the second factor.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/5m/key"}
MFA_ADAPTER = "allauth.mfa.adapter.DefaultMFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Attunement"
STAFF_TOTP = PLACE.staff_totp
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_VERBOSE = False
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_DISABLE_ACCESS_LOG = True

SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_NAME = "sign_in"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"], "script-src": ["'self'"], "style-src": ["'self'"], "img-src": ["'self'", "data:"],
        "media-src": ["'self'"], "connect-src": ["'self'"], "font-src": ["'self'"], "form-action": ["'self'"],
        "base-uri": ["'none'"], "frame-ancestors": ["'none'"],
    },
}

def worker_for_all_pages(headers: Any, _path: str, url: str) -> None:
    """The one script that may stand between the pages and the network."""
    if url.endswith("/visits-worker.js"):
        headers["Service-Worker-Allowed"] = "/"


STATIC_URL = "static/"
STATICFILES_DIRS = [HERE / "static"]
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ADD_HEADERS_FUNCTION = worker_for_all_pages
FORM_RENDERER = "attunement.web.rendering.PageRenderer"

MAX_FILM_BYTES = 4 * 1024**3
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400
FILE_UPLOAD_HANDLERS = ["attunement.web.uploads.SmallFiles"]

FORMAT_MODULE_PATH = ["attunement.web.formats"]
# A demonstration may be looked at as on another day: ATTUNEMENT_CLOCK=2021-11-10T09:00. A real study never.
CLOCK_OFFSET = _clock_offset(os.environ.get("ATTUNEMENT_CLOCK", "")) if DEMONSTRATION else timedelta(0)
TIME_ZONE = "Europe/London"
USE_TZ = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("en-xr", "⟦made-up language⟧")]
LANGUAGES_BIDI = ["en-xr"]
LOCALE_PATHS = [HERE / "locale"]
DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y, H:i"

# Films are made ready by a worker of their own, so that no alert waits behind a film.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "films"]}}
if PLACE.mail:
    _mail = urlsplit(PLACE.mail)
    EMAIL_HOST, EMAIL_PORT = _mail.hostname or "localhost", _mail.port or (465 if _mail.scheme == "smtps" else 25)
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_SSL = _mail.scheme == "smtps"
    EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = PLACE.sender
OUTBOX_SENDER = "notify" if PLACE.notify_key else "smtp" if PLACE.mail else "file"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "attunement.web.logs.Plain", "style": "{",
                             "format": "{asctime} {levelname} {name} {message}"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": os.environ.get("ATTUNEMENT_LOG", "WARNING")},
    "loggers": {"django.request": {"level": "ERROR"}, "django.security": {"level": "CRITICAL"},
                "axes": {"level": "ERROR"}},
}
