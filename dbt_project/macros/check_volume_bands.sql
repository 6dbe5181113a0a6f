{#
    Stops the build at a volume band that cannot be meant: the first one, with its line.
    `names` is the setting volume_bands; where it is empty, the seed does nothing.
#}
{% macro check_volume_bands(bands, categories, names) %}

{% do check_seed_columns([bands]) %}
{% if execute and names and flags.WHICH in ['build', 'run', 'retry'] %}
    {% do check_seed_values(
        bands, 'band', 'select unnest([' ~ text_list(names) ~ '])',
        values="coalesce(band, '')"
    ) %}
    {# an empty one is all categories, so it is none to look up #}
    {% do check_seed_values(
        bands, 'category', 'select distinct category from ' ~ categories,
        values='unnest(case when category is not null then [category] end)'
    ) %}
    {% do check_seed_rows(bands, volume_band_problems(bands)) %}
{% endif %}

{% endmacro %}


{# Rows that are wrong, the first one first: seed_line, problem, remedy. #}
{% macro volume_band_problems(bands) %}

{% set text %}
    with

    -- the header is line 1 of a seed
    numbered as (
        select
            row_number() over () + 1 as seed_line,
            *,
            try_cast(from_sales as decimal(38, 4)) as sales
        from {{ bands }}
    ),

    compared as (
        select
            *,
            coalesce(category, 'all categories') as about,
            first(seed_line) over (
                partition by category, band order by seed_line
            ) as first_line,
            first(seed_line) over (
                partition by category, sales order by seed_line
            ) as same_sales_line,
            min(sales) over (partition by category) as lowest
        from numbered
    ),

    found as (
        select
            seed_line,
            case
                when coalesce(sales, -1) < 0 then printf(
                    'got from_sales ''%s'' for %s, %s, expected a number from 0 up',
                    coalesce(from_sales, ''), about, band
                )
                when seed_line <> first_line
                    then printf('%s, %s is in line %d, too', about, band, first_line)
                when seed_line <> same_sales_line then printf(
                    'from_sales %s of %s is in line %d, too',
                    from_sales, about, same_sales_line
                )
                when lowest > 0 then printf(
                    'the lowest band of %s is from %s, expected 0',
                    about, cast(lowest as varchar)
                )
            end as problem,
            case
                when coalesce(sales, -1) < 0 then 'correct or remove that row'
                when seed_line <> least(first_line, same_sales_line)
                    then 'keep one of the two'
                else 'every store that sells has a band'
            end as remedy
        from compared
    )

    select * from found
    where problem is not null
    order by seed_line, problem
{% endset %}
{{ return(text) }}

{% endmacro %}
