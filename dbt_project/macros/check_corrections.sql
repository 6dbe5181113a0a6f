{#
    Stops the build at a correction that cannot be meant: what is in the seeds decides
    that, never the input. What was right once and no longer fits the clusters does not
    stop anything; the mart corrections tells it.
#}
{% macro check_corrections(corrections) %}

{% if execute and flags.WHICH in ['build', 'run', 'retry'] %}
    {% set found = run_query(correction_problems(corrections) ~ ' limit 1') %}
    {% if found | length %}
        {% set seed, line, problem, remedy = found.rows[0].values() %}
        {% do raw_input_error(
            'seeds/' ~ seed ~ '.csv: line ' ~ line, problem, remedy
        ) %}
    {% endif %}
{% endif %}

{% endmacro %}


{# All problems of the rows: seed, seed_line, problem, remedy. #}
{% macro correction_problems(corrections) %}
    {{ return(
        'from (' ~ malformed_corrections(corrections) ~ ' union all '
        ~ contradicting_corrections(corrections) ~ ' union all '
        ~ circular_merges(corrections) ~ ') order by seed, seed_line, problem'
    ) }}
{% endmacro %}


{# Rows that cannot be read: seed, seed_line, problem, remedy. #}
{% macro malformed_corrections(corrections) %}

{% set no_whole_number = "%s is not null and not (coalesce(try_cast(%s as integer), 0)"
    ~ " >= 1 and regexp_full_match(%s, '[0-9]+'))" %}
{% set rules = [
    (
        "coalesce(action, '') not in (select unnest(" ~ known_actions() ~ "[seed]))",
        "printf('action %s is unknown, expected one of: %s', coalesce('''' || action "
            ~ "|| '''', '(empty)'), list_aggregate(" ~ known_actions()
            ~ "[seed], 'string_agg', ', '))",
        'correct or remove the row',
    ),
    ('reason is null', "'reason is missing'", 'say why, for those who read it later'),
    ('author is null', "'author is missing'", 'say who knows more about it'),
    (
        'expires_on is not null and try_cast(expires_on as date) is null',
        "printf('expires_on ''%s'' is no date', expires_on)",
        'write it like 2027-01-31, or leave it empty: it holds until it is removed',
    ),
    ('category is null', "'category is missing'", 'name the category'),
    (
        "seed in ('excluded_stores', 'store_corrections') and store_id is null",
        "'store_id is missing'", 'name the store',
    ),
    (
        "seed = 'fixed_k' and coalesce(side, '') not in "
            ~ "('internal', 'external', 'final')",
        "printf('side %s is unknown, expected one of: external, final, internal', "
            ~ "coalesce('''' || side || '''', '(empty)'))",
        'correct or remove the row',
    ),
    (
        "cluster_id is null and (action = 'move' or seed = 'cluster_corrections')",
        "'cluster_id is missing'", 'name the cluster by its number',
    ),
    (
        no_whole_number | replace('%s', 'cluster_id'),
        "printf('cluster_id ''%s'' is no number of a cluster', cluster_id)",
        'name the cluster by its number, as the mart cluster_summary has it',
    ),
    (
        "action in ('name', 'merge', 'fix_k') and value is null",
        "case action when 'name' then 'value is missing: the name' when 'merge' then "
            ~ "'value is missing: the cluster to merge into' else 'k is missing' end",
        'fill it in',
    ),
    (
        "action in ('merge', 'fix_k') and " ~ no_whole_number | replace('%s', 'value'),
        "printf('%s ''%s'' is no whole number from 1 up', "
            ~ "case action when 'fix_k' then 'k' else 'value' end, value)",
        'correct or remove the row',
    ),
    (
        "action in ('inactive', 'flagship') and value is not null",
        "printf('value ''%s'' means nothing to %s', value, action)",
        'leave it empty',
    ),
] %}
{% set selects = [] %}
{% for condition, problem, remedy in rules %}
    {% do selects.append(
        'select seed, seed_line, ' ~ problem ~ ' as problem, ' ~ quoted(remedy)
        ~ ' as remedy from ' ~ corrections ~ ' where ' ~ condition
    ) %}
{% endfor %}
{{ return(selects | join(' union all ')) }}

{% endmacro %}


{% macro known_actions() %}
    {{ return(
        "map {'excluded_stores': ['exclude'], 'fixed_k': ['fix_k'], "
        ~ "'store_corrections': ['lock', 'move'], "
        ~ "'cluster_corrections': ['flagship', 'inactive', 'merge', 'name']}"
    ) }}
{% endmacro %}


{# The rows that are not expired: of these, no two may decide the same thing. #}
{% macro unexpired_corrections(corrections) %}
    {{ return(
        'from ' ~ corrections
        ~ ' where coalesce(try_cast(expires_on as date) >= current_date, true)'
    ) }}
{% endmacro %}


{# Rows that decide what an earlier row decides, too. #}
{% macro contradicting_corrections(corrections) %}

{% set first = "first(seed_line) over (partition by %s order by seed_line)" %}
{% set about = "concat_ws(', ', category, 'store ' || store_id, side, "
    ~ "'cluster ' || cluster_id)" %}
{% set decides = "seed, category, store_id, side, "
    ~ "case when seed <> 'store_corrections' then cluster_id end, "
    ~ "case when action in ('inactive', 'flagship') then 'status' "
    ~ "when seed <> 'store_corrections' then action end" %}
{% set text %}
    select
        seed,
        seed_line,
        printf('it decides what line %d decides (%s)', first_line, about) as problem,
        'keep one of the two, or let one expire' as remedy
    from (
        select
            seed,
            seed_line,
            {{ about }} as about,
            {{ first | replace('%s', decides) }} as first_line
        {{ unexpired_corrections(corrections) }}
    )
    where seed_line <> first_line
    union all
    select
        seed,
        seed_line,
        printf('name ''%s'' is that of line %d, too', value, first_line) as problem,
        'give each cluster of a category a name of its own' as remedy
    from (
        select
            *,
            {{ first | replace('%s', 'category, value') }} as first_line
        {{ unexpired_corrections(corrections) }} and action = 'name'
    )
    where seed_line <> first_line
{% endset %}
{{ return(text) }}

{% endmacro %}


{# Merges that lead back to their own cluster. #}
{% macro circular_merges(corrections) %}

{% set text %}
    (
        with recursive

        merges as (
            select
                seed,
                seed_line,
                category,
                try_cast(cluster_id as integer) as cluster_id,
                try_cast(value as integer) as merged_into
            {{ unexpired_corrections(corrections) }} and action = 'merge'
        ),

        reached as (
            select * from merges
            union
            select
                reached.seed,
                reached.seed_line,
                reached.category,
                reached.cluster_id,
                merges.merged_into
            from reached
            inner join merges
                on
                    reached.category = merges.category
                    and reached.merged_into = merges.cluster_id
        )

        select
            seed,
            seed_line,
            printf(
                'cluster %d of %s is merged into itself, or in a circle',
                cluster_id, category
            ) as problem,
            'take one of these merges out' as remedy
        from reached
        where cluster_id = merged_into
    )
{% endset %}
{{ return(text) }}

{% endmacro %}
