# syntax=docker/dockerfile:1
# Web server, worker, scheduler and migrations are this one image, started with different commands.
# `--target demo` adds the stand-in model. The version of Python is the one that the tests run on.
ARG PYTHON=3.11.15-slim-bookworm

FROM python:${PYTHON} AS packages
ENV PIP_CACHE_DIR=/var/cache/pip PIP_DISABLE_PIP_VERSION_CHECK=1 PATH=/opt/frontdesk/bin:$PATH
RUN python -m venv /opt/frontdesk
COPY requirements.txt .
# The pins are complete, so nothing else is looked for; wheels only, so nothing is compiled or run while installing.
RUN --mount=type=cache,target=/var/cache/pip \
    pip install --require-hashes --no-deps --only-binary=:all: --requirement requirements.txt

FROM packages AS demo-packages
COPY requirements-local.txt .
RUN --mount=type=cache,target=/var/cache/pip \
    pip install --require-hashes --no-deps --only-binary=:all: --requirement requirements-local.txt

FROM python:${PYTHON} AS base
ENV PATH=/opt/frontdesk/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    OPENBLAS_NUM_THREADS=1 \
    VAR_DIR=/var/lib/frontdesk
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin frontdesk \
    && install --directory --owner frontdesk --group frontdesk --mode 0750 /var/lib/frontdesk
WORKDIR /srv/frontdesk
COPY --from=packages /opt/frontdesk /opt/frontdesk
COPY . .
# The three addresses are asked for by the settings; collecting static files uses none of them.
RUN SECRET_KEY=unused DATABASE_URL=postgres:///unused REDIS_URL=redis://unused \
    python manage.py collectstatic --noinput --verbosity 0 \
    && python -m compileall -q .
USER frontdesk
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=40s --retries=3 CMD ["python", "-P", "app/probe.py"]
# Without proxy headers: the application itself decides how many proxies to believe (TRUSTED_PROXIES).
CMD ["python", "-m", "uvicorn", "app.asgi:application", "--host", "0.0.0.0", "--port", "8000", \
     "--lifespan", "on", "--no-proxy-headers", "--no-server-header", "--no-access-log", \
     "--ws-max-size", "65536", "--ws-per-message-deflate", "false", "--timeout-graceful-shutdown", "30"]

FROM base AS demo
COPY --from=demo-packages /opt/frontdesk /opt/frontdesk

FROM base AS product
