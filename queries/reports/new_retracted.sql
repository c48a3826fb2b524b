-- What was told as seen for the first time, and is no longer shown by the records: later ones
-- say otherwise. It must not be relied on.
-- grain: one row per fact and time it was learned
-- reads: first_seen, nights
-- Optional: $since (inclusive), $until (exclusive): when a build no longer found it; or $night
-- (date): what a closed night has to take back of what a night before it told.
with told as (
    select
        f.*,
        (
            select min(n.night) from nights as n
            where n.night >= f.first_time::date and n.closed_at >= f.learned_at
        ) as told_in
    from first_seen as f
    where f.retracted_at is not null
),

judged as (
    select
        t.*,
        (
            select min(n.night) from nights as n
            where n.night > t.told_in and n.closed_at >= t.retracted_at
        ) as taken_back_in
    from told as t
)

select * exclude (taken_back_in)
from judged
where
    if(
        $night is null,
        ($since is null or retracted_at >= $since) and ($until is null or retracted_at < $until),
        taken_back_in = $night
    )
order by first_time, fact_id
