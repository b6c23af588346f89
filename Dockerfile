# The wheel is built apart, so that the image holds no build tools; its dependencies are those of the lock, by hash.
FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN pip wheel --no-cache-dir --require-hashes --wheel-dir /wheels -r requirements.lock
COPY rfqflow rfqflow
COPY sql sql
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim
# TLS of the model's client trusts the system's store, which a slim image lacks; the newest is wanted.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin rfqflow \
    && install -d -o rfqflow -g rfqflow -m 0700 /archive
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels pip install --no-cache-dir --no-index /wheels/*.whl
USER 10001
# Nothing is written but to /tmp and, where a volume is mounted there, to /archive: the root may be read-only.
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 RFQFLOW_LOG_FORMAT=json RFQFLOW_DATA_DIR=/tmp/rfqflow
WORKDIR /tmp
# Exec form: the signal to stop must reach the daemon, which then finishes what is in flight.
ENTRYPOINT ["rfqflow"]
CMD ["run"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s CMD ["rfqflow", "status", "--json"]
