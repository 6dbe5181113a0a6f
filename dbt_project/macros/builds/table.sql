{#
    Replaces a table in one transaction. dbt's own builds it under another name and
    renames twice, for readers that look on meanwhile; of a warehouse that is being built
    there are none, and the statements took a tenth of a build.
#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}

{% set target_relation = this.incorporate(type='table') %}
{% set existing = load_cached_relation(this) %}

{{ run_hooks(pre_hooks, inside_transaction=False) }}
{{ run_hooks(pre_hooks, inside_transaction=True) }}

{# a Python model may read its own table, and replaces it at its end: py_write_table #}
{% if existing and (model.language == 'sql' or existing.is_view) %}
    {% call statement('drop') %}
        drop {{ existing.type }} if exists {{ existing }}
    {% endcall %}
{% endif %}

{% set code = from_seam_or(compiled_code) %}
{% call statement('main', language=model.language) %}
    {{ create_table_as(False, target_relation, code, model.language) }}
{% endcall %}

{{ run_hooks(post_hooks, inside_transaction=True) }}
{% do persist_docs(target_relation, model) %}
{{ adapter.commit() }}
{{ run_hooks(post_hooks, inside_transaction=False) }}

{{ return({'relations': [target_relation]}) }}

{% endmaterialization %}


{# Appended to the code of a Python model: writes what it returns. #}
{% macro py_write_table(
    temporary, relation, compiled_code, partitioned_by=none, sorted_by=none
) %}
{{ compiled_code }}

def materialize(df, con):
    con.register('returned', df)
    con.execute('create or replace table {{ relation }} as select * from returned')
    con.unregister('returned')
{% endmacro %}
