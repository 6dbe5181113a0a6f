# The pipeline and Airflow, in one image: docker-compose.yml runs all services from it.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS packages
# The Makefile's uv.
ARG UV_VERSION=0.13.8
ENV PIP_CACHE_DIR=/cache/pip UV_CACHE_DIR=/cache/uv
RUN --mount=type=cache,target=/cache \
    python -m venv /opt/uv && /opt/uv/bin/pip install "uv==${UV_VERSION}"
RUN python -m venv --without-pip /opt/venv
COPY locks/airflow.txt locks/dashboard.txt .
# System certificates: a company's own proxy is trusted where the base image trusts it.
# Bytecode is kept: a task starts in 1 s, and nobody may write it later.
RUN --mount=type=cache,target=/cache \
    UV_SYSTEM_CERTS=1 UV_LINK_MODE=copy /opt/uv/bin/uv pip install \
        --python /opt/venv/bin/python --only-binary :all: --require-hashes \
        --compile-bytecode --requirement airflow.txt --requirement dashboard.txt \
    && cd /opt/venv/lib/python*/site-packages \
    && find numpy pandas scipy sklearn -type d -name tests -prune -exec rm -r {} +

FROM ${PYTHON_IMAGE}
ENV AIRFLOW_HOME=/opt/airflow \
    PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/opt/store_clustering \
    PYTHONUNBUFFERED=1
# Folders of volumes are the user's; all else is root's, for reading.
RUN useradd --uid 1000 --create-home clustering \
    && mkdir -p ${AIRFLOW_HOME}/logs /data \
    && chown clustering: ${AIRFLOW_HOME}/logs /data \
    && touch ${AIRFLOW_HOME}/airflow.cfg
COPY --from=packages /opt/venv /opt/venv
WORKDIR /opt/store_clustering
COPY . .
# The DAGs are made from dbt's manifest, and the docs site is the other two files.
RUN python -m compileall -q clustering ml \
    && printf '#!/bin/sh\nexec python -m clustering.cli.main "$@"\n' > /usr/local/bin/clustering \
    && chmod +x /usr/local/bin/clustering \
    && dbt docs generate --quiet --empty-catalog --target check --target-path /tmp/target \
        --log-path /tmp/logs --project-dir dbt_project --profiles-dir dbt_project \
    && mkdir ${AIRFLOW_HOME}/dbt \
    && cp /tmp/target/index.html /tmp/target/manifest.json /tmp/target/catalog.json \
        ${AIRFLOW_HOME}/dbt \
    && rm -r /tmp/target /tmp/logs
USER clustering
