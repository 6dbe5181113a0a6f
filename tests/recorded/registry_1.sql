-- What the registry of version 1 had, as the first commit with a registry made it.
BEGIN TRANSACTION;
CREATE TABLE builds (
        build_id text primary key, parent text, warehouse text not null,
        command text not null, started_at text not null, finished_at text,
        status text, started_by text, environment text,
        tags text not null default '[]', code_version text, signature text,
        follows text, run text
    ) strict;
INSERT INTO "builds" VALUES('aaaa',NULL,'warehouse','build','2026-11-29T10:00:00+00:00','2026-11-29T10:05:00+00:00','passed','anna','prod','[]','abc','sig',NULL,'aaaa');
CREATE TABLE commands (
        command_id integer primary key, process integer not null, job text,
        environment text, scenario text, started_at text not null, ended_at text,
        error text, published text
    ) strict;
INSERT INTO "commands" VALUES(1,1,'full_pipeline','prod',NULL,'2026-11-29T10:00:00+00:00','2026-11-29T10:06:00+00:00',NULL,'20261129T100500Z-aaaa');
CREATE TABLE decisions (
        decision_id integer primary key, run text not null, state text not null,
        at text not null, by text not null, reason text not null, scenario text
    ) strict;
INSERT INTO "decisions" VALUES(1,'20261129T100500Z-aaaa','created','2026-11-29T10:05:30+00:00','policy','',NULL);
INSERT INTO "decisions" VALUES(2,'20261129T100500Z-aaaa','approved','2026-11-29T10:05:31+00:00','policy','meets the policy',NULL);
CREATE TABLE fits (
        build_id text not null references builds on delete cascade,
        model text not null, fitted integer not null, kept integer not null,
        primary key (build_id, model)
    ) strict, without rowid;
INSERT INTO "fits" VALUES('aaaa','internal_clusters',2,0);
CREATE TABLE inputs (
        build_id text not null references builds on delete cascade,
        source_table text not null, file text not null, bytes integer not null,
        modified_at text not null, read_by text not null,
        primary key (build_id, source_table, file, read_by)
    ) strict, without rowid;
INSERT INTO "inputs" VALUES('aaaa','need_state','need_state.csv',10,'2026-11-28T10:00:00+00:00','model.a');
INSERT INTO "inputs" VALUES('aaaa','need_state','need_state.csv',10,'2026-11-28T10:00:00+00:00','model.b');
CREATE TABLE results (
        build_id text not null references builds on delete cascade,
        node text not null, name text not null, resource_type text not null,
        model text, description text, status text, failures integer, seconds real,
        message text, made_by text, made_at text,
        primary key (build_id, node)
    ) strict, without rowid;
INSERT INTO "results" VALUES('aaaa','model.a','a','model',NULL,NULL,'success',NULL,1.5,NULL,'aaaa','2026-11-29T10:01:00+00:00');
CREATE TABLE settings (
        build_id text not null references builds on delete cascade,
        name text not null, value text, is_default integer not null,
        primary key (build_id, name)
    ) strict, without rowid;
INSERT INTO "settings" VALUES('aaaa','min_clusters','2',1);
COMMIT;
pragma user_version = 1;
