{#
    Notes that a build has begun, with its settings and input files. Until
    record_build_end notes its end, what is in the warehouse is of no known state.
#}
{% macro record_build_start() %}

{% if is_recorded() %}
    {% do build_tables() %}
    {% do record_origin() %}
    {% do record_settings() %}
    {% do record_inputs() %}
    {% do forget_old_builds() %}
{% endif %}

{% endmacro %}


{#
    What started it says who it is, in JSON (clustering/core/origin.py); a plain dbt command is its
    user's.
#}
{% macro record_origin() %}

{% set origin = fromjson(env_var('CLUSTERING_BUILD', '{}')) %}
{% do origin.setdefault('started_by', env_var('USER', 'unknown') ~ ', with dbt') %}
{% set columns = ['build_id', 'command', 'started_at', 'tags'] %}
{% set tags = '[' ~ text_list(origin.tags) ~ ']' if origin.tags else '[]' %}
{% set values = [quoted(invocation_id), quoted(flags.WHICH), 'now()', tags] %}
{% for name in [
    'started_by', 'environment', 'code_version', 'signature', 'follows'
] if origin.get(name) %}
    {% do columns.append(name) %}
    {% do values.append(quoted(origin[name])) %}
{% endfor %}
{% do run_query(
    'insert into builds.builds (' ~ columns | join(', ') ~ ') values ('
    ~ values | join(', ') ~ ')'
) %}

{% endmacro %}


{% macro record_settings() %}

{% set declared = adapter.config.vars.vars[adapter.config.project_name] %}
{% set rows = [] %}
{% for name, default in declared.items() %}
    {% set is_default = 'true' if var(name) == default else 'false' %}
    {% set value = var(name) if var(name) is string else tojson(var(name)) %}
    {% do rows.append(sql_row([name, value], is_default)) %}
{% endfor %}
{% do run_query('insert into builds.settings values ' ~ rows | join(', ')) %}

{% endmacro %}


{% macro record_inputs() %}

{% set globs = fromjson(run_query(
    'select raw_files(' ~ quoted(adapter.config.project_root) ~ ')'
).rows[0][0]) %}
{% for name, glob in globs.items() %}
    {% do run_query(
        'insert into builds.inputs select ' ~ quoted(invocation_id) ~ ', '
        ~ quoted(name) ~ ', filename, size, last_modified'
        ~ ' from read_blob(' ~ quoted(glob) ~ ')'
    ) %}
{% endfor %}

{% endmacro %}


{# Those of which nothing is in the warehouse any more, but for the newest ones. #}
{% macro forget_old_builds() %}

{% do run_query(
    'delete from builds.builds where build_id not in ('
    ~ 'select build_id from builds.results union select build_id from builds.inputs'
    ~ ' union (select build_id from builds.builds order by started_at desc limit 20))'
) %}
{% for table in ['settings', 'fits'] %}
    {% do run_query(
        'delete from builds.' ~ table
        ~ ' where build_id not in (select build_id from builds.builds)'
    ) %}
{% endfor %}

{% endmacro %}


{# `('this build', 'text', .., more)`: one row for `values`. #}
{% macro sql_row(texts, more) %}
    {% set literals = [quoted(invocation_id)] %}
    {% for text in texts %}
        {% do literals.append('null' if text is none else quoted(text)) %}
    {% endfor %}
    {{ return('(' ~ literals | join(', ') ~ ', ' ~ more ~ ')') }}
{% endmacro %}
