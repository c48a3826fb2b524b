-- Who wore which hat: each actor and the role that was worn last, in counts, none left out.
-- grain: one row per actor and role (null: the own identity)
-- reads: attributed_events
-- Optional: $since (inclusive), $until (exclusive); $new_since: a hat first seen since then is new.
-- `evidence` is the weakest of the hat's events. All that is unresolved is one actor.
with selected as (
    select
        actor_kind,
        if(actor_kind = 'unresolved', null, actor_account) as actor_account,
        if(actor_kind = 'unresolved', null, actor_name) as actor_name,
        if(actor_kind = 'unresolved', null, actor_display) as actor_display,
        chain[-1] as role_arn,
        list_position(
            ['direct', 'proven', 'matched', 'ambiguous', 'claimed', 'none'], evidence
        ) as weakness,
        event_time,
        recipient_account_id,
        not coalesce(read_only, false) as is_write,
        coalesce(
            regexp_matches(
                error_code, '(?i)access.?denied|unauthori[sz]ed|not.?authori[sz]ed|forbidden'
            ),
            false
        ) as is_denied,
        $since is null or event_time >= $since as in_window
    from attributed_events
    where $until is null or event_time < $until
)

select
    actor_kind,
    actor_account,
    actor_name,
    actor_display,
    role_arn,
    ['direct', 'proven', 'matched', 'ambiguous', 'claimed', 'none'][
        max(weakness) filter (in_window)
    ] as evidence,
    count(*) filter (in_window) as events,
    count(*) filter (in_window and is_denied) as denied,
    count(*) filter (in_window and is_write) as writes,
    min(event_time) filter (in_window) as first_time,
    max(event_time) filter (in_window) as last_time,
    coalesce(min(event_time) >= $new_since, false) as is_new,
    list_sort(
        list(distinct recipient_account_id) filter (
            in_window and recipient_account_id is not null
        )
    ) as accounts
from selected
group by actor_kind, actor_account, actor_name, actor_display, role_arn
having count(*) filter (in_window) > 0
order by actor_kind, actor_account, actor_name, actor_display, role_arn
