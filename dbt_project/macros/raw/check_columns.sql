{# Every column of the contract is there, and of a type that can be read as its own. #}
{% macro check_columns(source, files, types) %}

{% for column in source.columns.values() if not column.config.meta.get('optional') %}
    {% if column.name not in types %}
        {% do raw_input_error(
            files.where,
            'column ' ~ column.name ~ ' is missing, found ' ~ types.keys() | join(', '),
            'add or rename the column'
        ) %}
    {% elif column.data_type == 'varchar' and types[column.name] != 'VARCHAR' %}
        {% do raw_input_error(
            files.where,
            'column ' ~ column.name ~ ' is ' ~ types[column.name]
                ~ ', wanted text (VARCHAR)',
            'write it as text: leading zeros (\'0042\') are lost in numbers and cannot'
                ~ ' be guessed back'
        ) %}
    {% endif %}
{% endfor %}

{% for column in source.columns.values() if column.name in types %}
    {% set type = types[column.name] %}
    {% if column.data_type == 'date' and type != 'VARCHAR'
        and not type.startswith('DATE') and not type.startswith('TIMESTAMP') %}
        {% do raw_input_error(
            files.where,
            'column ' ~ column.name ~ ' is ' ~ type ~ ', wanted a date',
            'write it as a date, or as text YYYY-MM-DD'
        ) %}
    {% endif %}
{% endfor %}

{% endmacro %}
