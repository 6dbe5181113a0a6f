{#
    What is kept of builds, in the schema `builds` of the warehouse: so that a reader of
    published marts can be told what they were made from, and nobody publishes what is
    not finished. `builds` has a row per build, `results` the last result of each model,
    seed and test, `inputs` the files that each raw table was last read from, for a build
    may be of a part; `fits` how many categories each Python model fitted, and how many it
    kept of earlier builds.
#}
{% macro build_tables() %}

{% if execute %}
    {% do run_query(
        'create schema if not exists builds;'
        ~ 'create table if not exists builds.builds ('
        ~ 'build_id varchar, command varchar, node_count bigint,'
        ~ ' started_at timestamptz, finished_at timestamptz);'
        ~ add_build_columns()
        ~ 'create table if not exists builds.settings ('
        ~ 'build_id varchar, name varchar, value varchar, is_default boolean);'
        ~ 'create table if not exists builds.inputs ('
        ~ 'build_id varchar, source_table varchar, file varchar, bytes bigint,'
        ~ ' modified_at timestamptz);'
        ~ 'create table if not exists builds.results ('
        ~ 'build_id varchar, node varchar, name varchar, resource_type varchar,'
        ~ ' model varchar, status varchar, failures bigint, seconds double,'
        ~ ' message varchar, description varchar);'
        ~ 'create table if not exists builds.fits ('
        ~ 'build_id varchar, model varchar, fitted bigint, kept bigint)'
    ) %}
{% endif %}

{% endmacro %}


{# Who started a build and what came of it; a warehouse from before has them not. #}
{% macro add_build_columns() %}
    {% set statements = [] %}
    {% for column in [
        'started_by varchar', 'environment varchar', 'tags varchar[]',
        'code_version varchar', 'signature varchar', 'follows varchar',
        'status varchar',
    ] %}
        {% do statements.append(
            'alter table builds.builds add column if not exists ' ~ column ~ ';'
        ) %}
    {% endfor %}
    {{ return(statements | join) }}
{% endmacro %}


{# Commands that change the warehouse, or say whether it is good. #}
{% macro is_recorded() %}
    {{ return(
        execute and flags.WHICH in ['build', 'run', 'test', 'seed', 'retry']
    ) }}
{% endmacro %}
