#!/bin/sh
# Runs once, when the server's data directory is new: a role and a database for each application.
set -eu

create() {
    psql --no-psqlrc --quiet --username "$POSTGRES_USER" --dbname postgres \
        --set ON_ERROR_STOP=1 --set name="$1" --set password="$2" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
SQL
}

create somabrain "$SOMABRAIN_PASSWORD"
create somamemory "$SOMAMEMORY_PASSWORD"
