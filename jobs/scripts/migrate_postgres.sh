#!/bin/bash
# Restores each ARCHIVE/postgres-NAME.dump (pg_dump -Fc) into the database that the variable <NAME>_POSTGRES_DSN points at, with the
# password of <NAME>_POSTGRES_PASSWORD where the DSN has none.
#
# Restartable: a database is restored in one transaction that also notes the dump's checksum, so that a run that was cut off has changed
# nothing and a second run finds the note and leaves the database alone. A database that already has rows of its own is never touched.
# Exit codes: 0 done or already done, 2 a variable or the archive is missing, 5 the target has other data, 6 the restore failed.
set -euo pipefail

archive=${MIGRATE_ARCHIVE:?MIGRATE_ARCHIVE is not set}
shopt -s nullglob
dumps=("$archive"/postgres-*.dump)
[ ${#dumps[@]} -gt 0 ] || { echo "postgres: no dump in $archive, nothing to do"; exit 0; }

for dump in "${dumps[@]}"; do
    name=$(basename "$dump" .dump)
    name=${name#postgres-}
    application=$(printf %s "$name" | tr 'a-z-' 'A-Z_')
    variable="${application}_POSTGRES_DSN"
    dsn=${!variable:-}
    [ -n "$dsn" ] || { echo "postgres: $variable is not set, and there is a dump of $name" >&2; exit 2; }
    # SQLAlchemy's form names a driver that libpq does not know.
    dsn="postgresql://${dsn#*://}"
    password="${application}_POSTGRES_PASSWORD"
    export PGPASSWORD=${!password:-}
    checksum=$(sha256sum "$dump" | cut -d' ' -f1)
    query() { psql "$dsn" -XAtq -v ON_ERROR_STOP=1 "$@"; }

    noted=$(query -c "SELECT to_regclass('public.somabrain_migration') IS NOT NULL")
    if [ "$noted" = t ] && [ "$(query -v sum="$checksum" <<<"SELECT count(*) FROM public.somabrain_migration WHERE checksum = :'sum'")" != 0 ]; then
        echo "postgres: $name was restored before, left alone"
        continue
    fi

    # Tables that the application made at its start are in the way, but only empty ones may go.
    occupied=$(query <<'SQL'
SELECT string_agg(t, ', ') FROM (
  SELECT format('%I.%I', table_schema, table_name) AS t,
         (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %I.%I', table_schema, table_name), false, true, '')))[1]::text::bigint AS rows
  FROM information_schema.tables
  WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema') AND table_name NOT IN ('alembic_version', 'somabrain_migration')
) tables WHERE rows > 0
SQL
    )
    if [ -n "$occupied" ]; then
        echo "postgres: $name already has rows in $occupied that are not from this dump; nothing was changed" >&2
        exit 5
    fi

    if ! {
        # The dump sets what it needs for its own session; errors of its statements end the transaction.
        pg_restore --clean --if-exists --no-owner --no-privileges -f - "$dump"
        echo 'CREATE TABLE IF NOT EXISTS public.somabrain_migration (checksum text PRIMARY KEY, finished_at timestamptz NOT NULL DEFAULT now());'
        echo "INSERT INTO public.somabrain_migration (checksum) VALUES ('$checksum');"
    } | query --single-transaction >/dev/null; then
        echo "postgres: restoring $name failed and was rolled back" >&2
        exit 6
    fi
    echo "postgres: $name restored"
done
