{# Records what became of a build: clustering/store/recording.py does it. #}
{% macro record_build_end(results) %}

{% if is_recorded() %}
    {% set made = [] %}
    {% for result in results %}
        {% do made.append({
            'node': result.node.unique_id,
            'status': result.status | string,
            'failures': result.failures,
            'seconds': result.execution_time,
            'message': result.message,
        }) %}
    {% endfor %}
    {% set facts = {
        'build_id': invocation_id,
        'project': adapter.config.project_root,
        'results': made,
        'fits': count_fits(results),
    } %}
    {% set lines = run_query(
        'select record_end(' ~ quoted(tojson(facts)) ~ ')'
    ).rows[0][0] %}
    {% for line in (lines or '').splitlines() %}
        {% do log(line, info=true) %}
    {% endfor %}
{% endif %}

{% endmacro %}


{#
    Model, categories fitted and categories kept of the models that say which of their
    rows they kept. A category without rows is none.
#}
{% macro count_fits(results) %}

{% set counts = [] %}
{% for result in results
    if result.status == 'success' and 'is_kept' in result.node.columns %}
    {% do counts.append(
        'select ' ~ quoted(result.node.name)
        ~ ', count(distinct category) filter (not is_kept)'
        ~ ', count(distinct category) filter (is_kept) from '
        ~ result.node.relation_name
    ) %}
{% endfor %}
{% set fits = [] %}
{% for row in (run_query(counts | join(' union all ')) if counts else []) %}
    {% do fits.append([row[0], row[1] | int, row[2] | int]) %}
{% endfor %}
{{ return(fits) }}

{% endmacro %}
