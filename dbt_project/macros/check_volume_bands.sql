{#
    Stops the build at a volume band of a category that the input does not have. An empty
    one is all categories, so it is none to look up. `names` is the setting volume_bands;
    where it is empty, the seed does nothing.
#}
{% macro check_volume_bands(bands, categories, names) %}

{% if execute and names and flags.WHICH in ['build', 'run', 'retry'] %}
    {% do check_seed_values(
        bands, 'category', 'select distinct category from ' ~ categories,
        values='unnest(case when category is not null then [category] end)'
    ) %}
{% endif %}

{% endmacro %}
