# A separate stage builds the wheel, so that the image contains no build tools. The lock pins the dependencies by hash.
FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN pip wheel --no-cache-dir --require-hashes --wheel-dir /wheels -r requirements.lock
COPY rfqflow rfqflow
COPY sql sql
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim
# The client of the model trusts the system's certificate store, which a slim image lacks. Install the newest version.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin rfqflow \
    && install -d -o rfqflow -g rfqflow -m 0700 /archive
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels pip install --no-cache-dir --no-index /wheels/*.whl
USER 10001
# rfqflow writes only to /tmp and, if a volume is mounted there, to /archive. So the root may be read-only.
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 RFQFLOW_LOG_FORMAT=json RFQFLOW_DATA_DIR=/tmp/rfqflow
WORKDIR /tmp
# Exec form, so that the signal to stop reaches the daemon, which then finishes its calls in flight.
ENTRYPOINT ["rfqflow"]
CMD ["run"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s CMD ["rfqflow", "status", "--json"]
