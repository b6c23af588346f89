# The wheel is built apart, so that the image holds no build tools.
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY rfqflow rfqflow
COPY sql sql
RUN pip wheel --no-cache-dir --wheel-dir /wheels '.[uvloop]'

FROM python:3.13-slim
# TLS of the model's client trusts the system's store, which a slim image lacks.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home --shell /usr/sbin/nologin rfqflow
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels pip install --no-cache-dir --no-index /wheels/*.whl
USER 10001
ENV PYTHONUNBUFFERED=1 RFQFLOW_LOG_FORMAT=json
# Exec form: the signal to stop must reach the daemon, which then finishes what is in flight.
ENTRYPOINT ["rfqflow"]
CMD ["run"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s CMD ["rfqflow", "status", "--json"]
