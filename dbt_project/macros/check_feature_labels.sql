{#
    Stops the build at a row of the dictionary that cannot be meant: the first one, with
    its line. A word longer than 25 characters leaves a name no room for a need state.
#}
{% macro check_feature_labels(labels) %}

{% do check_seed_columns([labels]) %}
{% if execute and flags.WHICH in ['build', 'run', 'retry'] %}
    {% do check_seed_rows(labels, feature_label_problems(labels)) %}
{% endif %}

{% endmacro %}


{# Rows that are wrong, the first one first: seed_line, problem, remedy. #}
{% macro feature_label_problems(labels) %}

{% set text %}
    with

    -- the header is line 1 of a seed
    numbered as (
        select
            row_number() over () + 1 as seed_line,
            *,
            unnest([word_low, word_high]) as word
        from {{ labels }}
    ),

    compared as (
        select
            *,
            concat_ws(', ', feature, category) as about,
            first(seed_line) over (
                partition by upper(feature), coalesce(upper(category), '')
                order by seed_line
            ) as first_line
        from numbered
    ),

    found as (
        select
            seed_line,
            case
                when feature is null then 'feature is missing'
                when label is null then printf('label of %s is missing', about)
                when seed_line <> first_line
                    then printf('%s is in line %d, too', about, first_line)
                when lower_is_better not in ('true', 'false') then printf(
                    'lower_is_better ''%s'' is unknown, expected one of: false, true',
                    lower_is_better
                )
                when length(word) > 25 then printf(
                    'word ''%s'' has %d characters, expected at most 25',
                    word, length(word)
                )
            end as problem,
            case
                when feature is null then 'name a column or need state of the input'
                when label is null then 'say what it is called, or remove the row'
                when seed_line <> first_line then 'keep one of the two'
                when lower_is_better not in ('true', 'false')
                    then 'leave it empty where neither is better'
                else 'names of clusters have 40 in all'
            end as remedy
        from compared
    )

    select * from found
    where problem is not null
    order by seed_line, problem
{% endset %}
{{ return(text) }}

{% endmacro %}
