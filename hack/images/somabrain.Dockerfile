# SomaBrain's image plus its database migrations, which versions before November 2025 leave out; the Deployment runs them at start.
#   docker build -t somabrain-upstream:49daf44 PATH/TO/somabrain
#   docker build -f hack/images/somabrain.Dockerfile -t somatechlat/somabrain:49daf44 PATH/TO/somabrain
ARG IMAGE=somabrain-upstream:49daf44
FROM ${IMAGE}
USER root
# With kafka-python 3 its health check, which names a setting that is gone there, says kafka_ok: false for ever.
RUN python3 -m pip install --no-cache-dir "alembic>=1.14,<2" "kafka-python>=2,<3"
COPY alembic.ini /app/
COPY migrations /app/migrations
USER 1000:1000
