"""Everything that can be set, from the environment. `.env.example` lists each name with its meaning.

`make run` and `manage.py` put `.env` into the environment first (`app/environment.py`). A package reads only its
own prefix (`LLM_`, `KNOWLEDGE_`, `CHAT_`, `EVALS_`); the rest belongs to the project.
"""

from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# ── The project ──────────────────────────────────────────────────────────────
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_NAME = env.str("SITE_NAME", default="Acme Home Loans")
CONTACT_URL = env.str("CONTACT_URL", default="mailto:help@acme-home-loans.example")
SECURE = env.bool("SECURE", default=False)  # served over HTTPS: secure cookies, HSTS, redirect
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)  # reverse proxies in front whose X-Forwarded-For is true
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))

INSTALLED_APPS = [
    "app",
    "evals",
    "chat",
    "knowledge",
    "llm",
    "channels",
    "django_htmx",
    "allauth",
    "allauth.account",
    "axes",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "app.static_files.StaticFiles",
    "csp.middleware.CSPMiddleware",
    "app.privacy.NeverStored",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "app.urls"
ASGI_APPLICATION = "app.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "app.context_processors.site",
            ],
        },
    }
]

# ── Postgres and Redis ───────────────────────────────────────────────────────
DATABASE = env.db_url("DATABASE_URL")
DATABASES = {
    "default": {
        **DATABASE,
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            **DATABASE.get("OPTIONS", {}),  # what stands after the question mark: ?sslmode=require, ?host=/run/postgres
            "pool": {"min_size": 0, "max_size": env.int("DATABASE_POOL_SIZE", default=20), "timeout": 10},
        },
    }
}
DATABASE_STATEMENT_SECONDS = env.float("DATABASE_STATEMENT_SECONDS", default=0.0)  # of one query; 0 is no limit
if DATABASE_STATEMENT_SECONDS:
    _options = DATABASES["default"]["OPTIONS"]
    _limit = f"-c statement_timeout={DATABASE_STATEMENT_SECONDS * 1000:.0f}"
    _options["options"] = f"{_options.get('options', '')} {_limit}".strip()
DATABASE_THREADS = env.int("DATABASE_THREADS", default=16)  # of async code: fewer than connections
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL")
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}], "prefix": "frontdesk"},
    }
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://")  # Celery's word for a Unix socket
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 900
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 1800}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "frontdesk"
CELERY_TASK_ROUTES = {"evals.tasks.*": {"queue": "evals"}}  # long work, which documents and chats never wait for
CELERY_BEAT_SCHEDULE = {  # a round that finds no worker in time is not made up for
    task: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
    for task, seconds in {
        "chat.tasks.interrupt_stale_replies": 30,
        "knowledge.tasks.reap": 30,
        "knowledge.tasks.purge": 60,
        "knowledge.tasks.reembed": 60,
        "knowledge.tasks.drop_superseded_vectors": 3600,
        "chat.tasks.fetch_rates": 24 * 3600,
        "chat.tasks.learn_injections": 600,
        "chat.tasks.learn_saved_answers": 300,
        "chat.tasks.check_saved_answers": 60,
        "chat.tasks.ask_second_opinions": 60,
        "evals.tasks.resume_runs": 30,
        "evals.tasks.resume_probes": 60,
        "evals.tasks.resume_questions": 60,
        "evals.tasks.resume_training_sets": 60,
        "evals.tasks.ask_about_training_jobs": 20,
        "evals.tasks.sample_traffic": 600,
        "evals.tasks.judge_routes": 300,
    }.items()
}

# ── People ───────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "app.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "conversation"
LOGOUT_REDIRECT_URL = "conversation"
ACCOUNT_ADAPTER = "app.signin.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "app.forms.LoginForm",
    "signup": "app.forms.SignupForm",
    "reset_password": "app.forms.ResetPasswordForm",
    "reset_password_from_key": "app.forms.ResetPasswordKeyForm",
    "change_password": "app.forms.ChangePasswordForm",
    "reauthenticate": "app.forms.ReauthenticateForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = env.str("ACCOUNT_EMAIL_VERIFICATION", default="optional")
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"{SITE_NAME}: "
ACCOUNT_RATE_LIMITS = {"login_failed": "20/5m/ip"}  # over all accounts; Axes counts those of one account
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "app.signin.attempted_account"
AXES_CLIENT_IP_CALLABLE = "app.signin.address"
AXES_LOCKOUT_CALLABLE = "app.signin.locked_out"
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
ADMINS = [(address, address) for address in env.list("ADMIN_EMAILS", default=[])]
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="frontdesk@localhost")
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# ── The browser ──────────────────────────────────────────────────────────────
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REDIRECT_EXEMPT = [r"^health/$"]  # asked from within, without a proxy
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
    }
}
WHITENOISE_ALLOW_ALL_ORIGINS = False
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(VAR_DIR / "files")},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 50
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True
USE_I18N = True

# ── llm: the one door to language models ─────────────────────────────────────
LLM_API_KEY = env.str("OPENAI_API_KEY", default="")
LLM_BASE_URL = env.str("OPENAI_BASE_URL", default="") or None
LLM_DEMO = env.bool("LLM_DEMO", default=False)  # the stand-in model answers: the page says "demo model"
LLM_STRONG_MODEL = env.str("LLM_STRONG_MODEL", default="gpt-4.1")
LLM_SMALL_MODEL = env.str("LLM_SMALL_MODEL", default="gpt-4.1-mini")
LLM_JUDGE_MODEL = env.str("LLM_JUDGE_MODEL", default="gpt-4.1")
LLM_EMBEDDING_MODEL = env.str("LLM_EMBEDDING_MODEL", default="text-embedding-3-small")
LLM_MODERATION_MODEL = env.str("LLM_MODERATION_MODEL", default="omni-moderation-latest")
LLM_FALLBACK_MODEL = env.str("LLM_FALLBACK_MODEL", default="")  # asked when the first fails before its first token
LLM_LACKS = env.list("LLM_LACKS", default=[])  # what the server cannot take: see .env.example
LLM_TOKEN_LIMIT_NAME = env.str("LLM_TOKEN_LIMIT_NAME", default="max_completion_tokens")
LLM_STRICT_TOOLS = env.bool("LLM_STRICT_TOOLS", default=False)  # the server keeps a model to a tool's schema
LLM_CONNECT_SECONDS = env.float("LLM_CONNECT_SECONDS", default=5.0)
LLM_FIRST_TOKEN_SECONDS = env.float("LLM_FIRST_TOKEN_SECONDS", default=20.0)
LLM_IDLE_SECONDS = env.float("LLM_IDLE_SECONDS", default=15.0)
LLM_ANSWER_SECONDS = env.float("LLM_ANSWER_SECONDS", default=120.0)
LLM_EMBEDDING_SECONDS = env.float("LLM_EMBEDDING_SECONDS", default=60.0)  # for a batch of passages
LLM_QUESTION_SECONDS = env.float("LLM_QUESTION_SECONDS", default=5.0)  # for a question's vector; then words alone
LLM_MODERATION_SECONDS = env.float("LLM_MODERATION_SECONDS", default=1.5)  # then rules alone moderate
LLM_TUNING_SECONDS = env.float("LLM_TUNING_SECONDS", default=30.0)  # for a request about a job that teaches a model
LLM_UPLOAD_SECONDS = env.float("LLM_UPLOAD_SECONDS", default=600.0)  # for the file that it is taught with
LLM_PRICES = env.list("LLM_PRICES", default=[])  # model=dollars in/out for a million tokens: see .env.example
LLM_CONNECTIONS = env.int("LLM_CONNECTIONS", default=200)  # open at once, in each process
LLM_RETRIES = env.int("LLM_RETRIES", default=2)
LLM_RETRY_SECONDS = env.float("LLM_RETRY_SECONDS", default=20.0)  # the longest that retries may wait in all
LLM_BREAKER_FAILURES = env.int("LLM_BREAKER_FAILURES", default=5)
LLM_BREAKER_SECONDS = env.float("LLM_BREAKER_SECONDS", default=30.0)

# ── knowledge: what the assistant may know ───────────────────────────────────
KNOWLEDGE_MAX_FILE_MB = env.int("KNOWLEDGE_MAX_FILE_MB", default=25)
KNOWLEDGE_MAX_UPLOAD_MB = env.int("KNOWLEDGE_MAX_UPLOAD_MB", default=100)  # all files of one upload
KNOWLEDGE_MAX_PAGES = env.int("KNOWLEDGE_MAX_PAGES", default=2000)
KNOWLEDGE_MAX_CHARACTERS = env.int("KNOWLEDGE_MAX_CHARACTERS", default=5_000_000)
KNOWLEDGE_PARSE_SECONDS = env.int("KNOWLEDGE_PARSE_SECONDS", default=60)
KNOWLEDGE_PARSE_MEMORY_MB = env.int("KNOWLEDGE_PARSE_MEMORY_MB", default=1024)
KNOWLEDGE_CHUNK_WORDS = env.int("KNOWLEDGE_CHUNK_WORDS", default=180)
KNOWLEDGE_LEASE_SECONDS = env.int("KNOWLEDGE_LEASE_SECONDS", default=120)
KNOWLEDGE_MAX_ATTEMPTS = env.int("KNOWLEDGE_MAX_ATTEMPTS", default=3)
KNOWLEDGE_UNDO_MINUTES = env.float("KNOWLEDGE_UNDO_MINUTES", default=10.0)  # to restore a removed document
KNOWLEDGE_TOP_K = env.int("KNOWLEDGE_TOP_K", default=6)
KNOWLEDGE_EMBEDDING_LANGUAGES = env.list("KNOWLEDGE_EMBEDDING_LANGUAGES", default=[])  # empty: by the name
KNOWLEDGE_KEEP_OLD_VECTORS_DAYS = env.float("KNOWLEDGE_KEEP_OLD_VECTORS_DAYS", default=7.0)  # after a change

# ── chat: a customer talks to the assistant ──────────────────────────────────
CHAT_MAX_QUESTION_CHARACTERS = env.int("CHAT_MAX_QUESTION_CHARACTERS", default=4000)
CHAT_GUARD_SECONDS = env.float("CHAT_GUARD_SECONDS", default=1.0)  # for the vectors that a guardrail asks for
CHAT_MAX_REPLY_TOKENS = env.int("CHAT_MAX_REPLY_TOKENS", default=800)
CHAT_MAX_REPLY_CHARACTERS = env.int("CHAT_MAX_REPLY_CHARACTERS", default=16_000)  # of a model that counts no tokens
CHAT_TRIAGE_SECONDS = env.float("CHAT_TRIAGE_SECONDS", default=4.0)  # for a model to read a question first
CHAT_AFTERWARDS_SECONDS = env.float("CHAT_AFTERWARDS_SECONDS", default=20.0)  # each: follow-ups, the summary
CHAT_HISTORY_TOKENS = env.int("CHAT_HISTORY_TOKENS", default=1500)  # of what was said before, sent with a question
CHAT_TOOL_ROUNDS = env.int("CHAT_TOOL_ROUNDS", default=4)
CHAT_TOOL_CALLS = env.int("CHAT_TOOL_CALLS", default=8)
CHAT_TOOL_SECONDS = env.float("CHAT_TOOL_SECONDS", default=30.0)  # for all calls of an answer
CHAT_TOOL_CALL_SECONDS = env.float("CHAT_TOOL_CALL_SECONDS", default=5.0)
CHAT_TOOL_RESULT_CHARACTERS = env.int("CHAT_TOOL_RESULT_CHARACTERS", default=4000)
CHAT_ACTION_HOURS = env.float("CHAT_ACTION_HOURS", default=24.0)  # how long a card waits for its click
CHAT_RATES_URL = env.str("CHAT_RATES_URL", default="")  # of the weekly survey as CSV; empty: nothing is fetched
CHAT_RATES_STALE_DAYS = env.int("CHAT_RATES_STALE_DAYS", default=10)
CHAT_JUDGE_SECONDS = env.float("CHAT_JUDGE_SECONDS", default=4.0)  # for statements whose support is in doubt
CHAT_QUESTIONS_PER_SESSION = env.str("CHAT_QUESTIONS_PER_SESSION", default="20/10m")
CHAT_QUESTIONS_PER_ADDRESS = env.str("CHAT_QUESTIONS_PER_ADDRESS", default="60/10m")
CHAT_FRAME_MILLISECONDS = env.int("CHAT_FRAME_MILLISECONDS", default=60)
CHAT_FLUSH_SECONDS = env.float("CHAT_FLUSH_SECONDS", default=1.0)
CHAT_STALE_SECONDS = env.float("CHAT_STALE_SECONDS", default=30.0)
CHAT_DRAIN_SECONDS = env.float("CHAT_DRAIN_SECONDS", default=20.0)  # how long a stopping process lets answers end
CHAT_LINK_HOSTS = env.list("CHAT_LINK_HOSTS", default=[])  # hosts that an answer may link to; all others are text
CHAT_PUBLISH_GATES = env.list("CHAT_PUBLISH_GATES", default=["evals.gates.publishing.refusals"])  # asked for a draft
CHAT_SAVED_ANSWERS_OFF = env.bool("CHAT_SAVED_ANSWERS_OFF", default=False)  # no saved answer, whatever versions say
CHAT_SAVED_SECONDS = env.float("CHAT_SAVED_SECONDS", default=0.5)  # to look one up; then the model answers
CHAT_SAVED_WAIT_SECONDS = env.float("CHAT_SAVED_WAIT_SECONDS", default=3.0)  # for who asks the same just now
CHAT_SMALL_SECONDS = env.float("CHAT_SMALL_SECONDS", default=6.0)  # to write and check; 0: the strong model always
CHAT_DAILY_BUDGET_USD = env.float("CHAT_DAILY_BUDGET_USD", default=0.0)  # no more answers after that; 0 is no limit

# ── evals: does the assistant still answer well? ─────────────────────────────
EVALS_CONCURRENCY = env.int("EVALS_CONCURRENCY", default=4)
EVALS_CALLS_PER_MINUTE = env.int("EVALS_CALLS_PER_MINUTE", default=0)  # answers and judgements begun; 0 is no limit
EVALS_LEASE_SECONDS = env.float("EVALS_LEASE_SECONDS", default=30.0)  # a silent worker loses its run to the next
EVALS_SLICE_SECONDS = env.float("EVALS_SLICE_SECONDS", default=120.0)  # then the worker looks at the next run
EVALS_FIRST_WORD_SECONDS = env.float("EVALS_FIRST_WORD_SECONDS", default=3.0)  # later is slow: the grader `latency`
EVALS_ANSWER_SECONDS = env.float("EVALS_ANSWER_SECONDS", default=15.0)
EVALS_ONLINE_SHARE = env.float("EVALS_ONLINE_SHARE", default=0.05)  # of the real turns that are graded; 0: none are
EVALS_ONLINE_DAILY_USD = env.float("EVALS_ONLINE_DAILY_USD", default=1.0)  # for judges of real turns; 0: only rules
EVALS_ROUTES_DAILY_USD = env.float("EVALS_ROUTES_DAILY_USD", default=1.0)  # for judges of compared models; 0: none
EVALS_LICENCE_DAYS = env.int("EVALS_LICENCE_DAYS", default=180)  # a judge's word beside people's counts so long
EVALS_TRAINING_LICENCES = env.list("EVALS_TRAINING_LICENCES", default=[])  # teacher:yes or teacher>pupil:no
EVALS_TRAINING_AUDIENCES = env.list("EVALS_TRAINING_AUDIENCES", default=["public"])  # whose documents may be learned
EVALS_TRAINING_CLOSED_COLLECTIONS = env.list("EVALS_TRAINING_CLOSED_COLLECTIONS", default=[])  # by name: never learned
EVALS_TRAINING_PRICES = env.list(  # model=dollars for a million trained tokens
    "EVALS_TRAINING_PRICES",
    default=["gpt-4.1-mini*=5", "gpt-4.1-nano*=1.5", "gpt-4.1*=25", "gpt-4o-mini*=3", "gpt-4o*=25", "demo-*=0"],
)
EVALS_ANSWER_CENTS = env.float("EVALS_ANSWER_CENTS", default=5.0)  # more is dear: the grader `cost`

# ── Logs ─────────────────────────────────────────────────────────────────────
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOG_JSON = env.bool("LOG_JSON", default=False)
LOGGING_CONFIG = "app.logs.configure"
LOGGING = {"level": LOG_LEVEL, "as_json": LOG_JSON}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False  # the worker's lines are masked as the others are
CELERY_WORKER_REDIRECT_STDOUTS = False  # into the log, which would write to itself
