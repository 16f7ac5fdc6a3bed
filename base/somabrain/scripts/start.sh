#!/bin/sh
# Starts SomaBrain in the Pod's working directory, a volume, and hands over what it could not store when it ends.
set -u

# Entrypoints start scripts/… from here. somabrain.log is never rotated, and everything in it is on standard output too.
ln -sfn /app/scripts scripts
ln -sf /dev/null somabrain.log

# hack/images/somabrain.Dockerfile brings migrations; where two Pods start at once, one of them finds the tables there.
[ ! -f /app/alembic.ini ] || (cd /app && alembic upgrade heads) || echo "start: migrations failed; the next start tries again" >&2

python3 -B /opt/somabrain/outbox.py take

docker-entrypoint.sh &
server=$!
trap 'kill -TERM "$server"' TERM INT
code=0
while kill -0 "$server" 2>/dev/null; do
    wait "$server"
    code=$?
done

python3 -B /opt/somabrain/outbox.py give
exit "$code"
