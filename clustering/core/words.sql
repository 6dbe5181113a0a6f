-- Formats of figures, as SQL macros of models. `words.yml` names those with one argument.

-- `1,234`, `12.3`, `12` or `0.0123`: as many digits as a person reads
create or replace macro words.number(figure) as
    case
        when abs(figure) >= 1e15 then printf('%.3g', cast(figure as double))
        when abs(figure) >= 100
            then format('{:,}', cast(round(figure) as bigint))
        when abs(figure) >= 1
            then regexp_replace(printf('%.1f', cast(figure as double)), '\.0$', '')
        else printf('%.3g', cast(figure as double))
    end;

-- a share, 0 to 1, as a percentage: `37 %`, `4.6 %`, `0 %`
create or replace macro words.share(figure) as
    case
        when abs(figure) < 0.0005 then '0 %'
        when abs(figure) < 0.0995 then printf('%.1f %%', 100 * figure)
        else printf('%.0f %%', 100 * figure)
    end;

-- the same in whole numbers
create or replace macro words.percent(figure) as
    printf('%.0f %%', 100 * figure);

-- a figure in its unit: `37 %`, `$1,234`, `2.1 km`; of the unit `share`, 0 to 1
create or replace macro words.value_in(figure, unit) as
    case
        when unit = 'share' then words.share(figure)
        when unit in ('$', '€', '£') and figure < 0
            then '-' || unit || words.number(abs(figure))
        when unit in ('$', '€', '£') then unit || words.number(figure)
        else concat_ws(' ', words.number(figure), nullif(unit, ''))
    end;

-- a text with a capital first letter
create or replace macro words.capitalized(said) as
    upper(left(said, 1)) || substr(said, 2);

-- whether no number is in a text twice, as printed: a sentence that compares two figures
-- says nothing where they are the same, and confuses where one is in a name
create or replace macro words.figures_differ(said) as
    list_unique(list_transform(
        regexp_extract_all(said, '[0-9][0-9,.]*'),
        lambda number: try_cast(rtrim(replace(number, ',', ''), '.') as double)
    )) = len(regexp_extract_all(said, '[0-9][0-9,.]*'));

-- how much nearer a feature brings a store to its cluster than to the average store:
-- squared distances in standard deviations, one less the other
create or replace macro words.pull(figure, average, deviation, cluster_difference) as
    round(
        cluster_difference * (2 * (figure - average) / deviation - cluster_difference),
        6
    );

-- what a rule of the seed recommendation_rules recommends, with its placeholders filled in
create or replace macro words.recommendation(rule, feature, here, average, nearest) as
    replace(
        replace(
            replace(
                replace(rule, '{feature}', coalesce(feature, 'the category')),
                '{here}', here
            ),
            '{average}', coalesce(average, 'unknown')
        ),
        '{nearest}', coalesce(nearest, 'none')
    );
