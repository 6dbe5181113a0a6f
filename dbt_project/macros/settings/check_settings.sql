{#
    Stops the run with one line at the first setting that cannot be.

    Runs before every command that has hooks, and by hand with
    `dbt run-operation check_settings --vars ..`. Takes the vars from the
    configuration itself: dbt ignores an unknown one in silence.
#}
{% macro check_settings() %}

{% if execute %}
    {% set rules = setting_rules() %}
    {% set declared = adapter.config.vars.vars[adapter.config.project_name] %}
    {% do check_names(adapter.config.cli_vars, declared) %}
    {% do check_names(declared, rules) %}
    {% for name in rules if name not in declared %}
        {% do settings_error(name ~ ' is missing, expected ' ~ wanted(rules[name])) %}
    {% endfor %}
    {% for name in declared %}
        {% do check_setting(name, var(name), rules[name]) %}
    {% endfor %}
    {% do check_settings_together() %}
{% endif %}

{% endmacro %}


{# Every name is a known one; the error lists these, the likeliest first. #}
{% macro check_names(names, known) %}

{% for name in names if name not in known %}
    {% set nearest_first = run_query(
        'select unnest([' ~ text_list(known) ~ ']) as name'
        ~ ' order by levenshtein(name, ' ~ quoted(name) ~ '), name'
    ).columns[0].values() %}
    {% do settings_error(
        'there is no setting ' ~ shown(name) ~ '; known, nearest first: '
        ~ nearest_first | join(', ')
    ) %}
{% endfor %}

{% endmacro %}


{% macro check_setting(name, value, rule) %}

{% if not (is_of_type(value, rule) and is_within(value, rule)) %}
    {% do settings_error(
        'got ' ~ name ~ '=' ~ shown(value) ~ ', expected ' ~ wanted(rule)
    ) %}
{% endif %}

{% endmacro %}


{# A boolean is no number, 5.0 is no whole number, infinity and nan are nothing. #}
{% macro is_of_type(value, rule) %}

{% if 'one_of' in rule %}
    {{ return(value in rule.one_of) }}
{% endif %}

{% set is_number = value is integer or (value is float and value - value == 0) %}
{{ return({
    'a whole number': value is integer,
    'a number': is_number,
    'a share below 1 or a whole number':
        value is integer or (is_number and value < 1),
    'true or false': value is boolean,
    'a list of texts':
        value is sequence and value is not string and value is not mapping
        and not value | reject('string') | list,
}[rule.type]) }}

{% endmacro %}


{% macro is_within(value, rule) %}
    {{ return(
        value >= rule.get('minimum', value)
        and value <= rule.get('maximum', value)
        and ('above' not in rule or value > rule.above)
    ) }}
{% endmacro %}


{# The rule in words: `a whole number from 2 up`. #}
{% macro wanted(rule) %}

{% if 'one_of' in rule %}
    {{ return('one of: ' ~ rule.one_of | join(', ')) }}
{% elif 'above' in rule %}
    {% set most = ', at most ' ~ rule.maximum if 'maximum' in rule else '' %}
    {{ return(rule.type ~ ' above ' ~ rule.above ~ most) }}
{% elif 'minimum' in rule %}
    {% set most = ' to ' ~ rule.maximum if 'maximum' in rule else ' up' %}
    {{ return(rule.type ~ ' from ' ~ rule.minimum ~ most) }}
{% else %}
    {{ return(rule.type) }}
{% endif %}

{% endmacro %}


{# A value in one line: as YAML has it, and texts in quotes, without line breaks. #}
{% macro shown(value) %}
    {% if value is none or value is boolean %}
        {{ return(tojson(value)) }}
    {% endif %}
    {{ return(('%r' if value is iterable else '%s') | format(value)) }}
{% endmacro %}
